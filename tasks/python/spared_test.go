package python_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/python"
)

// What may be missing is told of an import, and only of that one.
func TestSpared(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]map[string]bool{
		"import a\ntry:\n    import b, c\nexcept ImportError:\n    import d\nimport e\n":                                          {"a": false, "b": true, "c": true, "d": false, "e": false},
		"try:\n    from a import b\nexcept (ValueError, ModuleNotFoundError) as x:\n    pass\n":                                   {"a": true},
		"try:\n    import a\nexcept:\n    pass\n":                                                                                 {"a": true},
		"try:\n    import a\nexcept Exception:\n    pass\nelse:\n    import b\nfinally:\n    import c\n":                          {"a": true, "b": false, "c": false},
		"try:\n    import a\nexcept ValueError:\n    pass\n":                                                                      {"a": false},
		"try:\n    import a\nfinally:\n    pass\n":                                                                                {"a": false},
		"try:\n    import a\nexcept ValueError:\n    import b\nexcept ImportError: pass\n":                                        {"a": true, "b": false},
		"try:\n    try:\n        import a\n    except ValueError:\n        import b\nexcept ImportError: pass\nimport c\n":        {"a": true, "b": true, "c": false},
		"def f():\n    try:\n        import a\n    except ImportError: pass\n    import b\n":                                      {"a": true, "b": false},
		"with contextlib.suppress(ImportError):\n    import a\nwith suppress(KeyError):\n    import b\nwith x() as y: import c\n": {"a": true, "b": false, "c": false},
		"try:\n    import a\nexcept* ImportError:\n    pass\n":                                                                    {"a": true},
	} {
		m, err := python.Parse([]byte(source))
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]bool{}
		for _, i := range m.Imports {
			got[i.Module] = i.Spared
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s\n%s", source, diff)
		}
	}
}
