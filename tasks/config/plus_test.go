package config_test

import (
	"testing"

	"github.com/flowmage/flowmage/tasks/config"
)

// A list that nothing lower sets is appended to nothing.
func TestAppendedToNothing(t *testing.T) {
	t.Parallel()
	e, findings, err := config.Load(trial{file: "+networks: [a]\nflows: {x: {+networks: [b]}}\n"}.source())
	if err != nil || findings.HasErrors() {
		t.Fatal(err, findings)
	}
	if got := e.Settings("x").Container.Networks; len(got) != 2 || got[0] != "a" || got[1] != "b" {
		t.Errorf("%v", got)
	}
	if got := e.Settings("y").Container.Networks; len(got) != 1 || got[0] != "a" {
		t.Errorf("%v", got)
	}
}
