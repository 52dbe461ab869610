package change_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/change"
	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
)

// tree is a repository of three flows: a and b share a module, c stands alone and has settings of its own.
func tree(t *testing.T) (config.Env, []flow.Flow, func(string) []byte) {
	t.Helper()
	env, _, err := config.Load(config.Source{Env: "dev", Root: fstest.MapFS{"envs/base.yaml": {Data: []byte(
		"project: shop\nkinds: [python]\nflows:\n  c: {image: {dockerfile: docker/Own}}\npools: {container: {type: docker, template: pools/job.json}}\n")}}})
	if err != nil {
		t.Fatal(err)
	}
	of := func(name, file string, files ...string) flow.Flow {
		return flow.Flow{Name: name, Function: name, File: file, Entrypoint: file + ":" + name, Files: append(files, file)}
	}
	flows := []flow.Flow{
		of("a", "flows/a/job.py", "core/mail.py"), of("b", "flows/b/job.py", "core/mail.py", "core/__init__.py"), of("c", "other/c/job.py"),
	}
	texts := map[string]string{"flows/a/job.py": "from core import mail, sheets\n", "flows/b/job.py": "from core import mail\n", "other/c/job.py": "import os\n"}
	return env, flows, func(name string) []byte { return []byte(texts[name]) }
}

func TestOf(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		changed, gone, want string
	}{
		"nothing":                    {"", "", ""},
		"a flow's file":              {"flows/a/job.py", "", "a"},
		"what two import":            {"core/mail.py", "", "a b"},
		"settings beside one":        {"other/c/flow.yaml", "", "c"},
		"settings above two":         {"flows/flow.yaml", "", "a b"},
		"requirements beside one":    {"flows/b/requirements.txt", "", "b"},
		"requirements of nobody":     {"requirements/base.txt pages/requirements-dev.txt", "", "a b c"},
		"requirements of all":        {"pyproject.toml", "", "a b c"},
		"a lock of all":              {"uv.lock", "", "a b c"},
		"the settings":               {"envs/dev.yaml", "", "a b c"},
		"those below all":            {"envs/base.yaml", "", "a b c"},
		"those of another":           {"envs/prod.yaml", "", ""},
		"a template":                 {"templates/prefect.yaml.tmpl", "", "a b c"},
		"a pool's template":          {"pools/job.json", "", "a b c"},
		"a Dockerfile by name":       {"docker/Own", "", "c"},
		"another Dockerfile":         {"docker/Other", "", ""},
		"the Dockerfile":             {"Dockerfile", "", "a b c"},
		"what is ignored":            {".gitignore", "", "a b c"},
		"what is ignored below":      {"flows/.prefectignore", "", "a b"},
		"a page":                     {"README.md docs/x.md", "", ""},
		"Python that nobody imports": {"core/other.py flows/a/helper.py tests/test_x.py", "", ""},
		"a module that is gone":      {"core/sheets.py", "core/sheets.py", "a"},
		"a package that is gone":     {"core/__init__.py", "core/__init__.py", "a b"},
		"a flow that is gone":        {"flows/z/job.py", "flows/z/job.py", ""},
		"several":                    {"README.md other/c/job.py core/mail.py", "", "a b c"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env, flows, text := tree(t)
			e := change.Of(change.Files{Changed: strings.Fields(x.changed), Gone: strings.Fields(x.gone), Text: text}, env, flows)
			var got []string
			for _, f := range e.Flows {
				got = append(got, f.Name)
				if !e.Concerns(f.Entrypoint) {
					t.Errorf("%s is not concerned", f.Name)
				}
			}
			if diff := cmp.Diff(x.want, strings.Join(got, " ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Of two flows with one name the second is told of it: it is concerned when the first has changed.
func TestNamesakes(t *testing.T) {
	t.Parallel()
	env, flows, text := tree(t)
	flows[2].Name = "a"
	e := change.Of(change.Files{Changed: []string{"flows/a/job.py"}, Text: text}, env, flows)
	if len(e.Flows) != 2 || !e.Concerns("other/c/job.py:c") || e.Concerns("flows/b/job.py:b") {
		t.Errorf("%+v", e.Flows)
	}
}

func TestKeeps(t *testing.T) {
	t.Parallel()
	env, flows, text := tree(t)
	in := func(file string, s finding.Scope) finding.Finding {
		return finding.Finding{Code: "c", Scope: s, Position: finding.Position{File: file}}
	}
	of := func(files change.Files) change.Effect { files.Text = text; return change.Of(files, env, flows) }
	one, page := of(change.Files{Changed: []string{"flows/a/job.py"}}), of(change.Files{Changed: []string{"README.md", "core/broken.py"}})
	gone, all := of(change.Files{Changed: []string{"flows/z/job.py"}, Gone: []string{"flows/z/job.py"}}), of(change.Files{Changed: []string{"envs/dev.yaml"}})
	for name, x := range map[string]struct {
		e    change.Effect
		f    finding.Finding
		want bool
	}{
		"about the flow":              {one, in("envs/base.yaml", finding.OfFlow("flows/a/job.py:a")), true},
		"about another":               {one, in("envs/base.yaml", finding.OfFlow("other/c/job.py:c")), false},
		"in what it imports":          {one, in("core/mail.py", finding.OfFile("core/mail.py")), true},
		"about everything":            {one, in("envs/base.yaml", finding.Everything()), true},
		"about everything, to a page": {page, in("envs/base.yaml", finding.Everything()), false},
		"in a file that has changed":  {page, in("core/broken.py", finding.OfFile("core/broken.py")), true},
		"in another":                  {page, in("core/bad.py", finding.OfFile("core/bad.py")), false},
		"about a flow that is gone":   {gone, in("envs/base.yaml", finding.OfFlow("z")), true},
		"about one that never was":    {one, in("envs/base.yaml", finding.OfFlow("z")), false},
		"anything":                    {all, in("x", finding.OfFlow("other/c/job.py:c")), true},
	} {
		if got := x.e.Keeps(x.f); got != x.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
