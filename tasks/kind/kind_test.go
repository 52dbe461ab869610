package kind_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/kind"
)

// Each kind has work pools of its own, by which a server's deployments are told apart.
func TestPoolsTellKindsApart(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, k := range kind.All() {
		if len(k.PoolTypes()) == 0 {
			t.Errorf("%s has no type of work pool", k)
		}
		for _, of := range k.PoolTypes() {
			if got := kind.OfPool(of); got != k {
				t.Errorf("a pool of type %s is for %s, want %s", of, got, k)
			}
		}
		if name := k.PoolName("shop-dev"); names[name] || !strings.HasPrefix(name, "shop-dev") {
			t.Errorf("the work pool of %s is called %s", k, name)
		} else {
			names[name] = true
		}
	}
	if got := kind.OfPool("ecs"); got != kind.Container {
		t.Errorf("a pool on a cloud is for %s", got)
	}
}

func TestImaged(t *testing.T) {
	t.Parallel()
	all := kind.All()
	if diff := cmp.Diff([]kind.Kind{kind.Container}, kind.Imaged(all)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(kind.All(), all); diff != "" {
		t.Errorf("the list was changed:\n%s", diff)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for word, next := range map[kind.Kind]string{
		"":              "",
		kind.Python:     "",
		kind.Container:  "",
		"pyhton":        "did you mean python? write -kind=python or -kind=container",
		"Containers":    "did you mean container? write -kind=python or -kind=container",
		"docker":        "write -kind=python or -kind=container",
		"python,docker": "write -kind=python or -kind=container",
	} {
		f, _ := errors.AsType[*fault.Error](word.Check())
		switch {
		case f == nil && next != "":
			t.Errorf("%q passes", word)
		case f != nil && (f.Next != next || f.Code != fault.Usage):
			t.Errorf("%q: %v, next %q, want %q", word, f, f.Next, next)
		}
	}
}
