package deploying

import (
	"strings"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/live"
)

// CleanOptions are the choices of deploy:clean.
type CleanOptions struct {
	Env    string
	Only   []string  // these alone, as the server has them
	Kind   kind.Kind // empty: all of them
	Served bool      // what flows:serve has left behind, too
	Yes    bool      // don't ask
	JSON   bool
	// Images removes the project's images from this machine too. Other environments build theirs anew when they need them.
	Images bool
	// Preview says that these are of a preview: what is protected is the environment's own.
	Preview bool
	Flags   map[string]string // settings that the command itself makes: a preview's names
}

func (o CleanOptions) narrow() live.Narrow { return live.Narrow{Only: o.Only, Kind: o.Kind} }

// command is how receipts name it.
func (o CleanOptions) command(env string) string {
	return fault.Command("deploy:clean", fault.Flag{Name: "env", Value: env}, fault.Flag{Name: "only", Value: strings.Join(o.Only, ",")},
		fault.Flag{Name: "kind", Value: string(o.Kind)}, fault.Flag{Name: "served", On: o.Served})
}

// deploying gives the command that brings back what was to be cleaned.
func (o CleanOptions) deploying(env string) string {
	if o.Preview {
		return fault.Command("env:preview up", fault.Flag{Name: "env", Value: env})
	}
	return fault.Command("deploy:all", fault.Flag{Name: "env", Value: env})
}

// Check is the error for choices that exclude each other.
func (o CleanOptions) Check() error {
	if o.Images && !o.narrow().Whole() {
		return &fault.Error{
			Code: fault.Usage, What: "-images goes with neither -only nor -kind", Why: "it removes all of the project's images from this machine",
			Next: "leave out one of them",
		}
	}
	return o.Kind.Check()
}
