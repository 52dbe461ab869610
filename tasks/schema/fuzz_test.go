package schema_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/flowmage/flowmage/tasks/python"
	"github.com/flowmage/flowmage/tasks/schema"
)

// Whatever parses as Python has a schema that can be sent.
func FuzzOf(f *testing.F) {
	source, err := os.ReadFile(filepath.Join("testdata", "signatures.py"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(source)
	f.Add([]byte("def f(a: 'x' = 1e400, *b, c: list[list[int]] | None = [[]]):\n    '''Args:\n        a: x\n  '''\n"))
	f.Fuzz(func(t *testing.T, source []byte) {
		m, err := python.Parse(source)
		if err != nil {
			return
		}
		for _, fn := range m.Functions {
			s, untyped := schema.Of(m, fn)
			for _, u := range untyped {
				if u.Reason == "" {
					t.Errorf("%s is untyped for no reason", u.Parameter)
				}
			}
			if _, err := s.Map(); err != nil {
				t.Error(err)
			}
		}
	})
}
