package workers

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/session"
)

// pools gives the types of the environment's pools that are on the server, by name.
func pools(ctx context.Context, to session.Server, env config.Env, only string) (map[string]string, error) {
	out := env.PoolTypes()
	if _, known := out[only]; only != "" && !known {
		return nil, &fault.Error{
			Code: fault.Usage, What: fmt.Sprintf("%s has no work pool %q", env.Name, only),
			Why: "it has " + strings.Join(slices.Sorted(maps.Keys(out)), ", "), Next: "name one of these, or leave out -pool",
		}
	}
	var missing []string
	for _, name := range slices.Sorted(maps.Keys(out)) {
		if only != "" && name != only {
			delete(out, name)
			continue
		}
		_, there, err := to.API.WorkPool(ctx, name)
		if err != nil {
			return nil, err
		}
		if !there {
			delete(out, name)
			missing = append(missing, name)
		}
	}
	if len(out) == 0 {
		return nil, &fault.Error{
			Code: fault.Server, What: fmt.Sprintf("there is no work pool %q", strings.Join(missing, `", "`)), Where: to.API.URL(),
			Why: "the first deploy creates it", Next: "mage deploy:all -env=" + env.Name,
		}
	}
	return out, nil
}

// nameOf gives a worker's name, unique on the server among those that run on other machines.
func nameOf(wanted, pool string, pools int) string {
	switch {
	case wanted != "" && pools > 1:
		return wanted + "-" + pool
	case wanted != "":
		return wanted
	}
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = "local"
	}
	return strings.NewReplacer("/", "-", "%", "-").Replace(host + "-" + pool + "-" + strconv.Itoa(os.Getpid()))
}
