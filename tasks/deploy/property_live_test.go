//go:build e2e

package deploy_test

import (
	"math/rand/v2"
	"os"
	"testing"
)

// full tells whether tests run at their full size.
func full() bool { return os.Getenv("FLOWMAGE_SOAK") != "" }

// After an apply of whatever manifest over whatever other one, the plan is empty.
func TestPlanIsEmptyAfterApply(t *testing.T) {
	t.Parallel()
	b := open(t)
	r := rand.New(rand.NewPCG(4, 2))
	rounds := 12
	if full() {
		rounds = 300
	}
	for range rounds {
		text := generate(r, 4)
		b.apply(t, text)
		if t.Failed() {
			t.Fatalf("with\n%s", text)
		}
	}
}
