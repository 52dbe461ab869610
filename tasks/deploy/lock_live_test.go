//go:build e2e

package deploy_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/flowmage/flowmage/tasks/deploy"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/prefect"
)

func holder(name string, pid int) deploy.Holder {
	return deploy.Holder{Who: name + "@test", Host: "test", PID: pid, Born: 1, Command: "mage deploy:all"}
}

// locks gives a project of its own whose lock is removed at the end.
func locks(t *testing.T) *bench {
	t.Helper()
	return open(t).unlocked(t)
}

// unlocked removes the project's lock at the end of the test.
func (b *bench) unlocked(t *testing.T) *bench {
	t.Helper()
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		if err := deploy.Unlock(ctx, b.api, b.owner); err != nil {
			t.Error(err)
		}
		if err := b.api.DeleteLimit(ctx, "flowmage:"+b.owner.Project+":dev"); err != nil && !prefect.IsNotFound(err) && !prefect.IsMissingRoute(err) {
			t.Error(err)
		}
	})
	return b
}

func TestLockExcludes(t *testing.T) {
	t.Parallel()
	b := locks(t)
	first, ctx, err := deploy.Lock(t.Context(), b.api, b.owner, deploy.LockOptions{Holder: holder("anna", 1)})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = deploy.Lock(t.Context(), b.api, b.owner, deploy.LockOptions{Holder: holder("ben", 2)})
	if f, ok := errors.AsType[*fault.Error](err); !ok || f.Code != fault.Refused || !strings.Contains(f.Why, "anna@test (process 1, mage deploy:all) since ") {
		t.Errorf("a held lock: %v", err)
	}
	h, known, err := deploy.Held(t.Context(), b.api, b.owner)
	if err != nil || !known || h.Who != "anna@test" || h.Commit != "" {
		t.Errorf("%v %v %+v", err, known, h)
	}
	other := deploy.Owner{Project: b.owner.Project, Env: "prod"}
	second, _, err := deploy.Lock(t.Context(), b.api, other, deploy.LockOptions{Holder: holder("ben", 2)})
	if err != nil {
		t.Fatalf("another environment is locked too: %v", err)
	}
	for _, l := range []*deploy.Locked{second, first} {
		if err := l.Release(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if ctx.Err() == nil {
		t.Error("the context outlives the lock")
	}
	if err := b.api.DeleteLimit(t.Context(), "flowmage:"+b.owner.Project+":prod"); err != nil && !prefect.IsNotFound(err) && !prefect.IsMissingRoute(err) {
		t.Error(err)
	}
	third, _, err := deploy.Lock(t.Context(), b.api, b.owner, deploy.LockOptions{Holder: holder("ben", 2)})
	if err != nil {
		t.Fatal(err)
	}
	if err := third.Release(t.Context()); err != nil {
		t.Error(err)
	}
}

// Of many that want the lock at once each gets it, one after the other.
func TestLockSerializes(t *testing.T) {
	t.Parallel()
	b := locks(t)
	var inside, most atomic.Int32
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			l, _, err := deploy.Lock(t.Context(), b.api, b.owner, deploy.LockOptions{Holder: holder("n", i+1), Wait: 2 * time.Minute})
			if err != nil {
				t.Error(err)
				return
			}
			most.Store(max(most.Load(), inside.Add(1)))
			if _, err := b.api.EnsureFlow(t.Context(), b.flow.Name); err != nil {
				t.Error(err)
			}
			inside.Add(-1)
			if err := l.Release(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if most.Load() != 1 {
		t.Errorf("%d held the lock at once", most.Load())
	}
}

// The lock of a process of this machine that is gone is taken over at once; that of a live one is not.
func TestLockOfTheDead(t *testing.T) {
	t.Parallel()
	b := locks(t)
	if _, _, err := deploy.Lock(t.Context(), b.api, b.owner, deploy.LockOptions{Holder: holder("anna", 1)}); err != nil {
		t.Fatal(err)
	}
	dead := func(h deploy.Holder) bool { return h.PID == 1 }
	second, _, err := deploy.Lock(t.Context(), b.api, b.owner, deploy.LockOptions{Holder: holder("ben", 2), Dead: dead})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := deploy.Lock(t.Context(), b.api, b.owner, deploy.LockOptions{Holder: holder("carl", 3), Dead: dead}); fault.CodeOf(err) != fault.Refused {
		t.Errorf("the lock of a live process was taken: %v", err)
	}
	if err := second.Release(t.Context()); err != nil {
		t.Error(err)
	}
}

// Who loses the lock stops working and is told.
func TestLockLost(t *testing.T) {
	t.Parallel()
	b := locks(t)
	first, ctx, err := deploy.Lock(t.Context(), b.api, b.owner, deploy.LockOptions{Holder: holder("anna", 1), Renew: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if err := deploy.Unlock(t.Context(), b.api, b.owner); err != nil {
		t.Fatal(err)
	}
	second, _, err := deploy.Lock(t.Context(), b.api, b.owner, deploy.LockOptions{Holder: holder("ben", 2), Wait: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-ctx.Done():
	case <-time.After(time.Minute):
		t.Fatal("the work goes on without the lock")
	}
	if f, ok := errors.AsType[*fault.Error](context.Cause(ctx)); !ok || f.Code != fault.Refused {
		t.Errorf("the cause is %v", context.Cause(ctx))
	}
	for _, l := range []*deploy.Locked{first, second} {
		if err := l.Release(t.Context()); err != nil {
			t.Error(err)
		}
	}
}
