package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/finding"
)

// Try runs the examples of policies, and gives a finding for each that shows something else than it should.
func Try(list []Policy) finding.List {
	var out finding.List
	for _, p := range list {
		for _, e := range p.Examples {
			if f, wrong := p.try(e); wrong {
				out = append(out, f)
			}
		}
	}
	return out
}

func (p Policy) try(e Example) (finding.Finding, bool) {
	fail := func(message, fix string) (finding.Finding, bool) {
		name := p.Code
		if e.Name != "" {
			name += fmt.Sprintf(", example %q", e.Name)
		}
		return catalogue.New("policy-example", finding.Everything(), finding.Finding{Position: e.At, Message: name + ": " + message, Fix: fix}), true
	}
	for word := range e.Input {
		if known := words(p.Over); !slices.Contains(known, word) {
			return fail(fmt.Sprintf("the input has %q, which a policy over a %s does not see", word, p.Over), finding.Meant(finding.Nearest(word, known), "it sees "+strings.Join(known, ", ")))
		}
		fields, is := e.Input[word].(map[string]any)
		if !is {
			return fail(word+" is no mapping", "write it as docs/policies.md shows")
		}
		for key := range fields {
			if known := keysOf(word); !slices.Contains(known, key) {
				return fail(fmt.Sprintf("%s has no key %q", word, key), finding.Meant(finding.Nearest(key, known), "it has "+strings.Join(known, ", ")))
			}
		}
	}
	plainInput, _ := counted(e.Input).(map[string]any)
	got, _ := p.judged(Empty().Over(plainInput))
	want := Outcome{Refused: e.Refused, Message: plain(e.Message)}
	is := Outcome{Refused: got != "", Message: got}
	if is.Refused == want.Refused && (want.Message == "" || !is.Refused || is.Message == want.Message) {
		return finding.Finding{}, false
	}
	return fail("says something else (-want +got): -"+want.String()+" +"+is.String(), "correct the expression, or the example")
}

// Outcome is what a policy says of an example.
type Outcome struct {
	Refused bool
	Message string
}

// String tells it in words.
func (o Outcome) String() string {
	switch {
	case !o.Refused:
		return "nothing against it"
	case o.Message == "":
		return "refused"
	default:
		return fmt.Sprintf("refused: %q", o.Message)
	}
}
