package python_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/python"
)

func TestComments(t *testing.T) {
	t.Parallel()
	type comments = []python.Comment
	for source, want := range map[string]comments{
		"":                                 nil,
		"x = 1":                            nil,
		"# a\nx = 1 # b\n":                 {{1, 1, "# a", true}, {2, 7, "# b", false}},
		"x = '# a' # b":                    {{1, 11, "# b", false}},
		"x = '''\n# a\n''' # b\n# c":       {{3, 5, "# b", false}, {4, 1, "# c", true}},
		"x = f'# {1 # a\n}' # b\n":         {{1, 12, "# a", false}, {2, 4, "# b", false}},
		"x = f'''# {1 # a\n}''' # b\n":     {{1, 14, "# a", false}, {2, 6, "# b", false}},
		"f(1, # a\n  # b\n  2) # c":        {{1, 6, "# a", false}, {2, 3, "# b", true}, {3, 6, "# c", false}},
		"if x: # a\n    pass # b\n  # c\n": {{1, 7, "# a", false}, {2, 10, "# b", false}, {3, 3, "# c", true}},
		"x = b'#' + r'\\#' # a":            {{1, 18, "# a", false}},
		"# a\r\nx = 1 # b\r\n":             {{1, 1, "# a", true}, {2, 7, "# b", false}},
		"x = 'open # a\n# b":               nil,
		"# a\nx = 'open # b\n# c":          {{1, 1, "# a", true}},
		"x = \\\n1 # a":                    {{2, 3, "# a", false}},
		"# a # b":                          {{1, 1, "# a # b", true}},
	} {
		if diff := cmp.Diff(want, python.Comments([]byte(source))); diff != "" {
			t.Errorf("%q (-want +got):\n%s", source, diff)
		}
	}
}
