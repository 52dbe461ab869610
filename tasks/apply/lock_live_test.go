//go:build e2e

package apply_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/lock"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/prefect"
)

func holder(name string, pid int) lock.Holder {
	return lock.Holder{Who: name + "@test", Host: "test", PID: pid, Born: 1, Command: "mage deploy:all"}
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
		if err := lock.Break(ctx, b.api, b.owner); err != nil {
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
	first, ctx, err := lock.Take(t.Context(), b.api, b.owner, lock.Options{Holder: holder("anna", 1)})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = lock.Take(t.Context(), b.api, b.owner, lock.Options{Holder: holder("ben", 2)})
	if f, ok := errors.AsType[*fault.Error](err); !ok || f.Code != fault.Refused || !strings.Contains(f.Why, "anna@test (process 1, mage deploy:all) since ") {
		t.Errorf("a held lock: %v", err)
	}
	h, known, err := lock.Held(t.Context(), b.api, b.owner)
	if err != nil || !known || h.Who != "anna@test" || h.Commit != "" {
		t.Errorf("%v %v %+v", err, known, h)
	}
	other := ownership.Owner{Project: b.owner.Project, Env: "prod"}
	second, _, err := lock.Take(t.Context(), b.api, other, lock.Options{Holder: holder("ben", 2)})
	if err != nil {
		t.Fatalf("another environment is locked too: %v", err)
	}
	for _, l := range []*lock.Lock{second, first} {
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
	third, _, err := lock.Take(t.Context(), b.api, b.owner, lock.Options{Holder: holder("ben", 2)})
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
			l, _, err := lock.Take(t.Context(), b.api, b.owner, lock.Options{Holder: holder("n", i+1), Wait: 2 * time.Minute})
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
	if _, _, err := lock.Take(t.Context(), b.api, b.owner, lock.Options{Holder: holder("anna", 1)}); err != nil {
		t.Fatal(err)
	}
	dead := func(h lock.Holder) bool { return h.PID == 1 }
	second, _, err := lock.Take(t.Context(), b.api, b.owner, lock.Options{Holder: holder("ben", 2), Dead: dead})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := lock.Take(t.Context(), b.api, b.owner, lock.Options{Holder: holder("carl", 3), Dead: dead}); fault.CodeOf(err) != fault.Refused {
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
	first, ctx, err := lock.Take(t.Context(), b.api, b.owner, lock.Options{Holder: holder("anna", 1), Renew: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if err := lock.Break(t.Context(), b.api, b.owner); err != nil {
		t.Fatal(err)
	}
	second, _, err := lock.Take(t.Context(), b.api, b.owner, lock.Options{Holder: holder("ben", 2), Wait: time.Minute})
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
	for _, l := range []*lock.Lock{first, second} {
		if err := l.Release(t.Context()); err != nil {
			t.Error(err)
		}
	}
}
