package targets

import (
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/flowmage/flowmage/tasks/trust"
)

// stance is the flag that every target takes. It holds for the whole command line: one that looks at a stranger's code with one target does
// not start it with the next.
var stance = flag{ //nolint:gochecknoglobals // a constant
	name: "untrusted", kind: "bool", doc: "the code is a stranger's: start nothing of it, and take guards and ignores from the base branch",
}

// taken takes the flag off a command line that has been checked, and says the same by the variable that it stands for: Mage, which matches flags
// with the parameters of functions, would want it in the signature of each, and of those that users have written too. What the variable says
// already can only become stricter.
func taken(line, args []string, known map[string]signature) ([]string, error) {
	if _, ours := known[strings.ToLower(args[0])]; !ours {
		return line, nil
	}
	said := ""
	rest := slices.DeleteFunc(slices.Clone(args), func(arg string) bool {
		name, value, assigned := strings.Cut(strings.TrimPrefix(arg, "-"), "=")
		if !strings.HasPrefix(arg, "-") || !strings.EqualFold(name, stance.name) {
			return false
		}
		on, err := strconv.ParseBool(value)
		switch {
		case !assigned || err == nil && on:
			said = "1"
		case said == "":
			said = "0"
		}
		return true
	})
	if said == "0" && os.Getenv(trust.Variable) != "" {
		said = ""
	}
	var err error
	if said != "" {
		err = os.Setenv(trust.Variable, said)
	}
	return slices.Concat(line[:len(line)-len(args)], rest), err
}
