package verdict_test

import (
	"slices"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/verdict"
)

// What a comment is for, in each language: the lines, codes and reasons; only comments count.
func TestIn(t *testing.T) {
	t.Parallel()
	type ignore struct {
		line, from, to int
		codes          []string
		reason         string
	}
	one := func(line, from, to int) []ignore { return []ignore{{line, from, to, []string{"a"}, "why"}} }
	for name, test := range map[string]struct {
		file, text string
		want       []ignore
	}{
		"its own line":                 {"a.py", "x = 1 # flowmage: ignore a why", one(1, 1, 1)},
		"the line below":               {"a.py", "# flowmage: ignore a why\nx = 1", one(1, 2, 2)},
		"over other comments":          {"a.py", "# flowmage: ignore a why\n# more\n#\nx = 1", one(1, 4, 4)},
		"not over an empty line":       {"a.py", "# flowmage: ignore a why\n\nx = 1", one(1, 2, 2)},
		"decorators":                   {"a.py", "# flowmage: ignore a why\n@b(\n  1)\n@c\nasync def d(): pass", one(1, 2, 5)},
		"behind another comment":       {"a.py", "x = 1 # noqa # flowmage: ignore a why", one(1, 1, 1)},
		"without a blank":              {"a.py", "x = 1 #flowmage:ignore a why", one(1, 1, 1)},
		"the end of the file":          {"a.py", "# flowmage: ignore a why", one(1, 2, 2)},
		"Windows' line ends":           {"a.py", "x = 1 # flowmage: ignore a why\r\n", one(1, 1, 1)},
		"in a string":                  {"a.py", "x = ' # flowmage: ignore a why'\ny = '''\n# flowmage: ignore a why\n'''", nil},
		"ignored":                      {"a.py", "x = 1 # flowmage: ignored a why", nil},
		"another word":                 {"a.py", "x = 1 # nowmage: ignore a why", nil},
		"no comment":                   {"a.py", "flowmage: ignore", nil},
		"several codes":                {"a.py", "x = 1 # flowmage: ignore a, b ,c : why", []ignore{{1, 1, 1, []string{"a", "b", "c"}, "why"}}},
		"a dash before the reason":     {"a.py", "x = 1 # flowmage: ignore a - why", one(1, 1, 1)},
		"no reason":                    {"a.py", "x = 1 # flowmage: ignore a", []ignore{{1, 1, 1, []string{"a"}, ""}}},
		"no code":                      {"a.py", "x = 1 # flowmage: ignore", []ignore{{1, 1, 1, nil, ""}}},
		"YAML":                         {"a.yaml", "a: 1 # flowmage: ignore a why\n", one(1, 1, 1)},
		"YAML, above":                  {"a.yml", "b:\n  # flowmage: ignore a why\n  a: 1\n", one(2, 3, 3)},
		"YAML, double quotes":          {"a.yaml", "a: \"b # flowmage: ignore a why\"\n", nil},
		"YAML, single quotes":          {"a.yaml", "a: 'b\n  # flowmage: ignore a why'\n", nil},
		"YAML, block":                  {"a.yaml", "a: |\n  # flowmage: ignore a why\nb: >\n  c # flowmage: ignore a why\n", nil},
		"YAML, behind a block":         {"a.yaml", "a: |\n  b\n# flowmage: ignore a why\nc: 1\n", one(3, 4, 4)},
		"YAML, plain":                  {"a.yaml", "a: b# flowmage:ignore\n", nil},
		"YAML, both on a line":         {"a.yaml", "a: \" # flowmage: ignore b not\" # flowmage: ignore a why\n", one(1, 1, 1)},
		"YAML, flow style":             {"a.yaml", "a: [b, # flowmage: ignore a why\n  c]\n", one(1, 1, 1)},
		"YAML, broken":                 {"a.yaml", "a: [ # flowmage: ignore a why\n", nil},
		"TOML":                         {"a.toml", "a = 1 # flowmage: ignore a why\n", one(1, 1, 1)},
		"TOML, strings":                {"a.toml", "a = \" # flowmage: ignore a why\"\nb = '''\n# flowmage: ignore a why\n'''\nc = [{d = ' # flowmage: ignore a why'}]\n", nil},
		"requirements":                 {"requirements.txt", "prefect # flowmage: ignore a why\n", one(1, 1, 1)},
		"requirements, in an address":  {"requirements.txt", "a @ git+https://b/c#flowmage:ignore\n", nil},
		"Dockerfile":                   {"Dockerfile", "# flowmage: ignore a why\nFROM python\n", one(1, 2, 2)},
		"Dockerfile, behind something": {"docker/Dockerfile", "RUN echo # flowmage: ignore a why\n", nil},
		"Dockerfile, here-document":    {"app.Dockerfile", "RUN <<EOF\n# flowmage: ignore b not\nEOF\n# flowmage: ignore a why\nFROM b\n", one(4, 5, 5)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []ignore
			for _, i := range verdict.In(test.file, []byte(test.text)) {
				got = append(got, ignore{i.At.Line, i.From, i.To, i.Codes, i.Reason})
			}
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(ignore{}), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func at(file string, line int) finding.Position { return finding.Position{File: file, Line: line} }

// The severity comes from the last ruling that covers the file; errors of firm rules, and of unknown ones, stay; lists stay as they are.
func TestApply(t *testing.T) {
	t.Parallel()
	rules := finding.Catalogue{"soft": {Severity: finding.Error}, "firm": {Severity: finding.Error, Firm: true}, "note": {Severity: finding.Note, Firm: true}}
	for name, test := range map[string]struct {
		rulings config.Rulings
		ignores []verdict.Ignore
		f       finding.Finding
		want    string // "" where it is not told
	}{
		"nothing is said":           {nil, nil, finding.Finding{Code: "soft", Severity: finding.Error}, "error"},
		"off":                       {config.Rulings{"soft": {{Severity: "off"}}}, nil, finding.Finding{Code: "soft", Severity: finding.Error}, ""},
		"another code":              {config.Rulings{"firm": {{Severity: "off"}}}, nil, finding.Finding{Code: "soft", Severity: finding.Error}, "error"},
		"lowered":                   {config.Rulings{"soft": {{Severity: "note"}}}, nil, finding.Finding{Code: "soft", Severity: finding.Error}, "note"},
		"raised":                    {config.Rulings{"note": {{Severity: "error"}}}, nil, finding.Finding{Code: "note"}, "error"},
		"firm, off":                 {config.Rulings{"firm": {{Severity: "off"}}}, nil, finding.Finding{Code: "firm", Severity: finding.Error}, "error"},
		"firm, lowered":             {config.Rulings{"firm": {{Severity: "note"}}}, nil, finding.Finding{Code: "firm", Severity: finding.Error}, "error"},
		"firm, where it warns":      {config.Rulings{"firm": {{Severity: "off"}}}, nil, finding.Finding{Code: "firm", Severity: finding.Warning}, ""},
		"an unknown error":          {config.Rulings{"x": {{Severity: "off"}}}, nil, finding.Finding{Code: "x", Severity: finding.Error}, "error"},
		"in a folder":               {config.Rulings{"soft": {{Severity: "off", Paths: []string{"a/b"}}}}, nil, finding.Finding{Code: "soft", Position: at("a/b/c.py", 1)}, ""},
		"in a folder of like name":  {config.Rulings{"soft": {{Severity: "off", Paths: []string{"a/b"}}}}, nil, finding.Finding{Code: "soft", Position: at("a/bc.py", 1)}, "note"},
		"by a glob":                 {config.Rulings{"soft": {{Severity: "off", Paths: []string{"x", "a/**/*.py"}}}}, nil, finding.Finding{Code: "soft", Position: at("a/b/c.py", 1)}, ""},
		"in no file":                {config.Rulings{"soft": {{Severity: "off", Paths: []string{"**"}}}}, nil, finding.Finding{Code: "soft"}, ""},
		"the last one counts":       {config.Rulings{"soft": {{Severity: "off", Paths: []string{"a"}}, {Severity: "warning", Paths: nil}, {Severity: "error", Paths: []string{"b"}}}}, nil, finding.Finding{Code: "soft", Position: at("a/c.py", 1)}, "warning"},
		"ignored":                   {nil, verdict.In("a.py", []byte("x # flowmage: ignore soft why")), finding.Finding{Code: "soft", Severity: finding.Error, Position: at("a.py", 1)}, ""},
		"ignored in another file":   {nil, verdict.In("b.py", []byte("x # flowmage: ignore soft why")), finding.Finding{Code: "soft", Severity: finding.Error, Position: at("a.py", 1)}, "error"},
		"ignored on another line":   {nil, verdict.In("a.py", []byte("x # flowmage: ignore soft why")), finding.Finding{Code: "soft", Severity: finding.Error, Position: at("a.py", 2)}, "error"},
		"another one is ignored":    {nil, verdict.In("a.py", []byte("x # flowmage: ignore firm why")), finding.Finding{Code: "soft", Severity: finding.Error, Position: at("a.py", 1)}, "error"},
		"firm, ignored":             {nil, verdict.In("a.py", []byte("x # flowmage: ignore firm why")), finding.Finding{Code: "firm", Severity: finding.Error, Position: at("a.py", 1)}, "error"},
		"raised, and ignored there": {config.Rulings{"soft": {{Severity: "error"}}}, verdict.In("a.py", []byte("x # flowmage: ignore soft why")), finding.Finding{Code: "soft", Position: at("a.py", 1)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list := finding.List{test.f}
			got := ""
			if left := (verdict.Law{Rulings: test.rulings, Rules: rules, Ignores: test.ignores}).Apply(list); len(left) > 0 {
				got = left[0].Severity.String()
			}
			if got != test.want || list[0] != test.f {
				t.Errorf("got %q, want %q; the list has %v", got, test.want, list)
			}
		})
	}
}

// A comment is called unused only where everything that its rule looks at was looked at, whatever the environment.
func TestUnused(t *testing.T) {
	t.Parallel()
	rules := finding.Catalogue{"s": {Needs: finding.Source}, "c": {Needs: finding.Source | finding.Settings}, "e": {Needs: finding.Settings}, "i": {Needs: finding.Image}, "l": {Needs: finding.Server}}
	for file, want := range map[string][]string{
		"a.py": {"s"}, "envs/dev.yaml": {"s", "c", "e"}, "envs/base.yaml": {"e"}, "flows/a/flow.yaml": {"e"}, "hand.yaml": {"s", "c", "e"}, "Dockerfile": {"i"},
	} {
		text := "# flowmage: ignore s, c, e, i, l why\na: 1\n"
		law := verdict.Law{Env: "dev", Manifest: "hand.yaml", Rules: rules, Ignores: verdict.In(file, []byte(text))}
		var got []string
		for _, f := range law.Judge(nil) {
			got = append(got, f.Message[len(f.Message)-1:])
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
}

// In a pull request only those comments count that the base has for lines of the same text, wherever these stand now.
func TestMerged(t *testing.T) {
	t.Parallel()
	base := fstest.MapFS{"a.py": {Data: []byte("x = 1 # flowmage: ignore soft why\n# flowmage: ignore soft why\ny = 2\n")}}
	theirs := "\nz = 3 # flowmage: ignore soft new\n# flowmage: ignore soft another reason\ny = 2\nx = 1 # flowmage: ignore soft why\n# flowmage: ignore soft, firm why\ny = 2\n"
	rules := finding.Catalogue{"soft": {Severity: finding.Error, Needs: finding.Server}, "firm": {Needs: finding.Server}}
	for name, test := range map[string]struct {
		base fstest.MapFS
		want []int // lines of comments that don't count
	}{"its base": {base, []int{2, 6}}, "another file": {fstest.MapFS{}, []int{2, 3, 5, 6}}} {
		law := verdict.Law{Rules: rules}.With(verdict.Merged(verdict.In("a.py", []byte(theirs)), test.base, "origin/main")...)
		list := finding.List{}
		for line := range 8 {
			list = append(list, finding.Finding{Code: "soft", Severity: finding.Error, Position: at("a.py", line)})
		}
		var lines []int
		for _, f := range law.Judge(list) {
			if f.Code == "ignore-changed" {
				lines = append(lines, f.Position.Line)
			}
		}
		if diff := cmp.Diff(test.want, lines); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		left := law.Apply(list)
		if told := slices.ContainsFunc(left, func(f finding.Finding) bool { return f.Position.Line == 4 }); told != (name != "its base") {
			t.Errorf("%s: line 4 is told: %v", name, told)
		}
	}
}

func FuzzIn(f *testing.F) {
	for _, text := range []string{"a: 1 # flowmage: ignore a why\n", "a = ''' # flowmage: ignore a\n'''", "RUN <<EOF\n# flowmage: ignore b, c\nEOF\n", "@x # flowmage: ignore a\n"} {
		for _, file := range []string{"a.py", "a.yaml", "a.toml", "requirements.txt", "Dockerfile"} {
			f.Add(file, []byte(text))
		}
	}
	f.Fuzz(func(t *testing.T, file string, text []byte) {
		for _, i := range verdict.In(file, text) {
			if i.At.Line < 1 || i.At.Column < 1 || i.From < i.At.Line || i.To < i.From {
				t.Errorf("%+v", i)
			}
		}
	})
}
