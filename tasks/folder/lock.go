package folder

import (
	"context"
	"errors"
	"time"

	"github.com/gofrs/flock"

	"github.com/flowmage/flowmage/tasks/fault"
)

// Lock takes the folder, which is there, for one command. The system frees a lock whose holder dies, so there is no stale one.
func (f *Folder) Lock(ctx context.Context) (unlock func(), err error) {
	file := flock.New(f.Path("lock"), flock.SetPermissions(0o600))
	got, err := file.TryLock()
	if err == nil && !got {
		step := f.console.Begin("waiting for another command that works on %s", Name)
		got, err = file.TryLockContext(ctx, 100*time.Millisecond)
		if err != nil || !got {
			step.Fail()
		} else {
			step.Done("the other command has ended")
		}
	}
	switch {
	case errors.Is(err, context.Canceled):
		return nil, err
	case err != nil || !got:
		return nil, &fault.Error{
			Code: fault.Refused, What: "can't lock the embedded environment", Where: file.Path(), Err: err,
			Next: "wait for the other command, or end it, then try again",
		}
	}
	return func() { _ = file.Unlock() }, nil
}
