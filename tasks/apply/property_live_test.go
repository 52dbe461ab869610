//go:build e2e

package apply_test

import (
	"math/rand/v2"
	"testing"

	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// After an apply of whatever manifest over whatever other one, the plan is empty.
func TestPlanIsEmptyAfterApply(t *testing.T) {
	t.Parallel()
	b := open(t)
	r := rand.New(rand.NewPCG(4, 2))
	for range prerequisite.Size(8, 300) {
		text := b.generate(t, r, 4)
		b.apply(t, text)
		if t.Failed() {
			t.Fatalf("with\n%s", text)
		}
	}
}
