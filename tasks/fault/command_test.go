package fault_test

import (
	"testing"

	"github.com/flowmage/flowmage/tasks/fault"
)

func TestCommand(t *testing.T) {
	t.Parallel()
	for want, flags := range map[string][]fault.Flag{
		`mage x`:                            {{Name: "only"}, {Name: "served"}},
		`mage x -env=dev -served`:           {{Name: "env", Value: "dev"}, {Name: "served", On: true}},
		`mage x -only=shop/one,rpa2`:        {{Name: "only", Value: "shop/one,rpa2"}},
		`mage x -only='My Flow/my flow'`:    {{Name: "only", Value: "My Flow/my flow"}},
		`mage x -only='etl-*'`:              {{Name: "only", Value: "etl-*"}},
		`mage x -file='the file'\''s.yaml'`: {{Name: "file", Value: "the file's.yaml"}},
		`mage x -only='$(touch x)'`:         {{Name: "only", Value: "$(touch x)"}},
		`mage x -only=true`:                 {{Name: "only", Value: "true"}},
	} {
		if got := fault.Command("x", flags...); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
