package workers

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/prefecttest"
	"github.com/flowmage/flowmage/tasks/session"
)

// A worker would make a pool that is missing, so only those that are there get one.
func TestPools(t *testing.T) {
	t.Parallel()
	there := func(time.Time) any { return map[string]any{"name": "x", "type": "process"} }
	missing := func(time.Time) any { return nil }
	env := config.Env{Name: "dev", Deployment: config.Deployment{
		Kinds: []kind.Kind{kind.Python, kind.Container}, Pools: map[kind.Kind]config.Pool{kind.Python: {Name: "local", Type: "process"}, kind.Container: {Name: "boxes", Type: "docker"}},
	}}
	if len(pool.Types(env)) != 2 {
		t.Fatal(pool.Types(env))
	}
	for name, c := range map[string]struct {
		local, boxes func(time.Time) any
		only         string
		want         map[string]string
		code         fault.Code
	}{
		"both":       {there, there, "", map[string]string{"local": "process", "boxes": "docker"}, fault.OK},
		"one is not": {there, missing, "", map[string]string{"local": "process"}, fault.OK},
		"the one":    {there, there, "boxes", map[string]string{"boxes": "docker"}, fault.OK},
		"none yet":   {missing, missing, "", nil, fault.Server},
		"not ours":   {there, there, "other", nil, fault.Usage},
	} {
		api := prefecttest.StandIn(t, 0, 0, map[string]func(time.Time) any{"/work_pools/local": c.local, "/work_pools/boxes": c.boxes})
		got, err := wantedPools(t.Context(), session.Server{API: api}, env, c.only)
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil && fault.CodeOf(err) != c.code || err == nil && c.code != fault.OK {
			t.Errorf("%s: %s, %v", name, diff, err)
		}
	}
}

func TestNameOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		wanted string
		pools  int
		want   string
	}{{"night", 1, "night"}, {"night", 2, "night-local"}} {
		if got := nameOf(c.wanted, "local", c.pools); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	if got := nameOf("", "a/b%c", 1); !strings.HasSuffix(got, "-a-b-c-"+strconv.Itoa(os.Getpid())) {
		t.Errorf("%q can't be the name of a worker", got)
	}
}
