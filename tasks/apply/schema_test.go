//go:build e2e

package apply_test

import (
	"testing"
	"testing/fstest"

	"github.com/flowmage/flowmage/tasks/parameter"
	"github.com/flowmage/flowmage/tasks/python"
	"github.com/flowmage/flowmage/tasks/schema"
)

// schemaOf gives the schema of the first function of a source.
func schemaOf(t *testing.T, source string) parameter.Text {
	t.Helper()
	library := python.NewLibrary(fstest.MapFS{"f.py": {Data: []byte(source)}})
	m, err := library.Module("f.py")
	if err != nil {
		t.Fatal(err)
	}
	s, _ := schema.NewReader(library).Of("f.py", "", &m.Functions[0])
	text, err := s.Text()
	if err != nil {
		t.Fatal(err)
	}
	return text
}
