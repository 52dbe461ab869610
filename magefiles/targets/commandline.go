package targets

import (
	"context"
	"embed"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/flowmage/flowmage/magefiles/command"
	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
)

// The targets' own sources say which words and flags each of them takes.
//
//go:embed flows.go deploy.go env.go verify.go
var sources embed.FS

// Mage runs the targets of a command line one after the other and looks at the next word only when the one before has finished:
// `mage deploy:clean prod` would clean dev and then complain about prod. It has no hook in front of the first target, so the
// check runs when the program starts. It says nothing when the first word is none of our targets: in the tests of this
// package, in other programs, and for targets of the user's own.
func init() { //nolint:gochecknoinits // see above, and docs/decisions/0002-command-line.md
	if os.Getenv("MAGEFILE_HELP") != "" || os.Getenv("MAGEFILE_LIST") != "" {
		return
	}
	if len(os.Args) == 2 && (os.Args[1] == "-version" || os.Args[1] == "--version") { // to Mage it is an unknown flag
		console.Standard(os.Environ()).Printf("%s\n", command.VersionLine())
		os.Exit(0) //nolint:forbidigo // it is all that was asked for
	}
	if code, ok := helped(context.Background(), os.Args[1:]); ok {
		if code != fault.OK {
			fmt.Fprintf(os.Stderr, "Error: %v\n", exit{code})
		}
		os.Exit(int(code)) //nolint:forbidigo // there is no error to return to
	}
	args := ownArguments(os.Args[1:])
	if len(args) == 0 {
		return
	}
	known, err := signatures(sources)
	if err != nil {
		return // Mage parses the same sources; what is wrong with them it tells better
	}
	spelled := spelledOut(args, known)
	err = checkLine(spelled, known)
	if err == nil {
		os.Args, err = taken(slices.Concat(os.Args[:len(os.Args)-len(args)], spelled), spelled, known)
	}
	if err != nil {
		console.Standard(os.Environ()).Fault(err)
		fmt.Fprintf(os.Stderr, "Error: %v\n", exit{fault.Usage})
		os.Exit(int(fault.Usage)) //nolint:forbidigo // there is no error to return to
	}
}

// ownArguments gives what stands behind Mage's own flags (-v, -t 5m); none when help or the list was asked for.
func ownArguments(args []string) []string {
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		switch name := strings.TrimLeft(args[0], "-"); name {
		case "v", "debug":
			args = args[1:]
		case "t":
			args = args[min(2, len(args)):]
		default:
			if !strings.HasPrefix(name, "t=") && !strings.HasPrefix(name, "v=") {
				return nil
			}
			args = args[1:]
		}
	}
	return args
}

// checkLine gives a fault of code Usage with the corrected line for the first mistake in a command line of our targets. Lines that
// start with another word are none of our business.
func checkLine(args []string, known map[string]signature) error {
	if _, ours := known[strings.ToLower(args[0])]; !ours {
		return nil
	}
	for at := 0; at < len(args); {
		target, ok := known[strings.ToLower(args[at])]
		if !ok {
			return leftover(args, at, known)
		}
		next, err := target.check(args, at+1)
		if err != nil {
			return err
		}
		at = next
	}
	return nil
}

// leftover is the fault for a word that is no target.
func leftover(args []string, at int, known map[string]signature) error {
	before := known[strings.ToLower(targetBefore(args, at, known))]
	f := &fault.Error{Code: fault.Usage, What: fmt.Sprintf("unexpected word %q; nothing was run", args[at])}
	names := slices.Sorted(maps.Keys(known))
	name, _, assigned := strings.Cut(args[at], "=")
	switch {
	case assigned && before.flag(name) != nil:
		f.Why, f.Next = "flags start with a dash", replaced(args, at, "-"+args[at])
	case finding.Nearest(args[at], names) != "":
		f.Why, f.Next = "it is no target", replaced(args, at, finding.Nearest(args[at], names))
	case before.flag("env") != nil && !given(args, "env"):
		f.Why, f.Next = "choices are flags with a dash and ="+"", replaced(args, at, "-env="+args[at])
	default:
		f.Why, f.Next = "it is no target and no flag", "mage -h "+before.name+" shows what it takes"
	}
	return f
}

func targetBefore(args []string, at int, known map[string]signature) string {
	for _, word := range slices.Backward(args[:at]) {
		if _, ok := known[strings.ToLower(word)]; ok {
			return word
		}
	}
	return ""
}

func given(args []string, flag string) bool {
	return slices.ContainsFunc(args, func(a string) bool { return strings.HasPrefix(a, "-"+flag+"=") })
}

// replaced gives the line with other words in place of the one at that index, ready to type.
func replaced(args []string, at int, with ...string) string {
	return joinArguments(slices.Concat(args[:at], with, args[at+1:]))
}

func joinArguments(args []string) string {
	quoted := make([]string, 0, len(args))
	for _, a := range args {
		quoted = append(quoted, fault.Typed(a))
	}
	return "mage " + strings.Join(quoted, " ")
}

// check looks at one target's words and flags, which start at that index, and gives the index behind them.
func (s signature) check(args []string, at int) (int, error) {
	for i, positional := range s.positional {
		if at+i >= len(args) || strings.HasPrefix(args[at+i], "-") {
			rest := slices.Concat(args[:at+i], []string{strings.ToUpper(positional)}, args[at+i:])
			// The word may stand behind the flags, where Mage would take it for a target.
			for later := at + i; later < len(args); later++ {
				if !strings.HasPrefix(args[later], "-") {
					rest = slices.Concat(args[:at+i], args[later:later+1], args[at+i:later], args[later+1:])
					break
				}
			}
			return 0, &fault.Error{
				Code: fault.Usage, What: fmt.Sprintf("%s needs the %s first; nothing was run", s.name, positional), Next: joinArguments(rest),
			}
		}
	}
	seen := map[string]bool{}
	at += len(s.positional)
	for ; at < len(args) && strings.HasPrefix(args[at], "-"); at++ {
		name, err := s.checkFlag(args, at)
		if err != nil {
			return 0, err
		}
		if seen[name] {
			return 0, &fault.Error{
				Code: fault.Usage, What: fmt.Sprintf("the flag -%s is given more than once; nothing was run", name),
				Why: "only the last one would count", Next: replaced(args, at),
			}
		}
		seen[name] = true
	}
	return at, nil
}

// checkFlag looks at one flag and gives its name.
func (s signature) checkFlag(args []string, at int) (string, error) {
	bare := strings.TrimLeft(args[at], "-")
	name, text, assigned := strings.Cut(bare, "=")
	f := s.flag(name)
	wrong := &fault.Error{Code: fault.Usage}
	switch {
	case f == nil:
		wrong.What = fmt.Sprintf("%s has no flag -%s; nothing was run", s.name, name)
		wrong.Next = "mage -h " + s.name + " shows its flags"
		if near := finding.Nearest(name, s.flagNames()); near != "" {
			wrong.Next = replaced(args, at, strings.Replace("-"+bare, name, near, 1))
		}
	case strings.HasPrefix(args[at], "--"):
		wrong.What, wrong.Next = fmt.Sprintf("flags have one dash: -%s; nothing was run", name), replaced(args, at, "-"+bare)
	case !assigned && f.kind != "bool" && at+1 < len(args) && !strings.HasPrefix(args[at+1], "-"):
		wrong.What = fmt.Sprintf("the value of -%s is joined to it by =; nothing was run", name)
		wrong.Next = joinArguments(slices.Concat(args[:at], []string{args[at] + "=" + args[at+1]}, args[at+2:]))
	case !assigned && f.kind != "bool", assigned && text == "":
		wrong.What = fmt.Sprintf("the flag -%s has no value; nothing was run", name)
		wrong.Next = replaced(args, at, "-"+name+"="+strings.ToUpper(name))
	case assigned && !f.accepts(text):
		wrong.What = fmt.Sprintf("%q is no value for -%s; nothing was run", text, name)
		wrong.Next = "write " + f.example()
	default:
		return f.name, nil
	}
	return "", wrong
}

func (f flagWord) accepts(text string) bool {
	var err error
	switch f.kind {
	case "string":
		return f.name != "only" || len(words(&text)) > 0 // a comma alone would mean everything
	case "bool":
		_, err = strconv.ParseBool(text)
	case "int":
		_, err = strconv.Atoi(text)
	case "time.Duration":
		_, err = time.ParseDuration(text)
	}
	return err == nil
}

func (f flagWord) example() string {
	switch f.kind {
	case "bool":
		return "-" + f.name + " or -" + f.name + "=false"
	case "int":
		return "a whole number: -" + f.name + "=3"
	case "time.Duration":
		return "a number with a unit: -" + f.name + "=90s or 10m"
	default:
		return "-" + f.name + "=VALUE"
	}
}
