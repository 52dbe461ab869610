package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/ladder"
	"github.com/flowmage/flowmage/tasks/report"
)

// sample has one of everything.
func sample() report.Report {
	return report.Report{
		Version: "1.2.3", Env: "dev", Home: "envs/dev.yaml", Prefix: "robots/",
		Rules: finding.Catalogue{
			"python-syntax":   {Severity: finding.Error, Means: "a file is no Python", Why: "Prefect can't load it"},
			"path-missing":    {Severity: finding.Error, Means: "a folder in `paths` is not there"},
			"project-missing": {Severity: finding.Warning, Means: "no project is named"},
		},
		Findings: finding.List{
			{Code: "python-syntax", Severity: finding.Error, Position: finding.Position{File: "flows/b.py", Line: 3, Column: 5}, Message: "invalid syntax", Why: "Prefect can't load it", Fix: "correct the line", Source: "def f(:", Caret: 7},
			{Code: "python-syntax", Severity: finding.Error, Position: finding.Position{File: "flows/b.py", Line: 9}, Subject: "rpa1", Message: "invalid syntax", Why: "Prefect can't load it"},
			{Code: "path-missing", Severity: finding.Error, Position: finding.Position{File: "<environment>"}, Message: "no folder x"},
			{Code: "project-missing", Severity: finding.Warning, Position: finding.Position{File: "envs/dev.yaml", Line: 1, Key: "project"}, Message: "no project [see](here), {0}", Fix: "name one:\nproject: shop"},
			{Code: "other", Severity: finding.Note, Message: "worth knowing"},
		},
		Flows: []report.Flow{{"rpa1", "flows/b.py"}, {"rpa2", "flows/c.py"}},
		Rungs: ladder.Rungs{
			{Name: "address", State: ladder.OK, Detail: "here", Seconds: 0.5},
			{Name: "worker", State: ladder.Failed, Detail: "no worker", Why: "nobody started one", Next: "mage env:worker", Seconds: 1.25},
			{Name: "schedules", State: ladder.Warned, Detail: "two", Why: "paused", Next: "resume"},
			{Name: "run", State: ladder.Skipped, Detail: "needs: worker"},
		},
		Since: &report.Since{Ref: "origin/main", Base: strings.Repeat("ab", 20), Changed: []string{"flows/b.py"}, Flows: []string{"rpa1"}, LeftOut: []string{"rpa2"}, Hidden: 2},
	}
}

func bytesOf(t *testing.T, r report.Report, f report.Format) []byte {
	t.Helper()
	got, err := r.Bytes(f, report.View{})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// Each format has a golden file; UPDATE=1 writes them anew.
func TestGolden(t *testing.T) {
	t.Parallel()
	for _, f := range report.Formats() {
		got, file := bytesOf(t, sample(), f), filepath.Join("testdata", "sample."+string(f))
		if os.Getenv("UPDATE") != "" {
			if err := os.WriteFile(file, got, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s: %s", f, diff)
		}
	}
}

func TestParseFormat(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{"": "text", "sarif": "sarif", "sarfi": "-format=sarif", "githup": "-format=github", "html-page": "-format=text, or json, or sarif, or junit, or github, or gitlab, or markdown"} {
		f, err := report.ParseFormat(word)
		got := string(f)
		if err != nil {
			got = fault.Of(err).Next
			if fault.CodeOf(err) != fault.Usage {
				t.Errorf("%s: %v", word, err)
			}
		}
		if got != want {
			t.Errorf("%s: %s", word, got)
		}
	}
	if _, err := sample().Bytes("html", report.View{}); err == nil {
		t.Error("an unknown format was written")
	}
}

// What looks at a report of which nothing was found or asked.
func TestEmpty(t *testing.T) {
	t.Parallel()
	for f, want := range map[report.Format]string{
		report.Text: "", report.GitHub: "", report.GitLab: "[]\n", report.Markdown: "### flowmage: \n",
		report.JSON:  "{\n  \"format\": 1,\n  \"tool\": {\n    \"name\": \"flowmage\",\n    \"version\": \"\"\n  },\n  \"environment\": \"\"\n}\n",
		report.JUnit: xml.Header + `<testsuites name="flowmage " tests="0" failures="0" errors="0"></testsuites>` + "\n",
	} {
		if diff := cmp.Diff(want, string(bytesOf(t, report.Report{}, f))); diff != "" {
			t.Errorf("%s: %s", f, diff)
		}
	}
	if got := string(bytesOf(t, report.Report{Findings: finding.List{}}, report.JSON)); !strings.Contains(got, `"findings": []`) {
		t.Error(got)
	}
}

// A line of source stands below the finding, with a caret where the column is known.
func TestExcerpt(t *testing.T) {
	t.Parallel()
	r := report.Report{Env: "dev", Findings: finding.List{{Code: "c", Position: finding.Position{File: "a.py", Line: 2, Column: 5}, Message: "odd"}}}
	got := r.Text(report.View{
		Paint:   func(c console.Color, text string) string { return "<" + string(c) + ">" + text },
		Excerpt: func(p finding.Position) (string, int) { return "x = 1", p.Column },
	})
	want := "a.py:2:5: <2>note: odd [c]\n      x = 1\n          ^\n0 errors, 0 warnings\nok        0 flows, settings of dev\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestMapped(t *testing.T) {
	t.Parallel()
	r := sample()
	masked := r.Mapped(func(string) string { return "*" })
	for _, f := range report.Formats() {
		text := string(bytesOf(t, masked, f))
		for _, word := range []string{"flows/b.py", "rpa1", "invalid syntax", "nobody started one", "origin/main", "no worker"} {
			if strings.Contains(text, word) {
				t.Errorf("%s has %q", f, word)
			}
		}
	}
	if diff := cmp.Diff(sample(), r); diff != "" {
		t.Errorf("the report itself was changed: %s", diff)
	}
}

// Fingerprints stay when lines move, and differ for two that say the same.
func TestFingerprints(t *testing.T) {
	t.Parallel()
	of := func(r report.Report) (out []string) {
		var list []struct{ Fingerprint string }
		if err := json.Unmarshal(bytesOf(t, r, report.GitLab), &list); err != nil {
			t.Fatal(err)
		}
		for _, x := range list {
			out = append(out, x.Fingerprint)
		}
		return out
	}
	before, moved := sample(), sample()
	before.Findings = append(before.Findings, before.Findings[0])
	before.Findings[len(before.Findings)-1].Position.Line = 20
	moved.Findings = slices.Clone(before.Findings)
	for i := range moved.Findings {
		moved.Findings[i].Position.Line += 4
	}
	a := of(before)
	if diff := cmp.Diff(a, of(moved)); diff != "" {
		t.Error(diff)
	}
	slices.Sort(a)
	if len(slices.Compact(a)) != 8 {
		t.Errorf("%d of them: %v", len(a), a)
	}
}

// schemaOf compiles a schema file.
func schemaOf(t *testing.T, file string) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func judged(t *testing.T, s *jsonschema.Schema, text []byte) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if err := s.Validate(doc); err != nil {
		t.Errorf("%v: %s", err, text)
	}
}

// What the formats' own schemas say: SARIF's is that of OASIS, ours is docs/report.schema.json, JUnit's is that of Jenkins' xunit plugin.
func TestSchemas(t *testing.T) {
	t.Parallel()
	sarif, ours, junit := schemaOf(t, "testdata/sarif-schema-2.1.0.json"), schemaOf(t, "../../docs/report.schema.json"), xsd(t)
	whole := sample()
	for name, r := range map[string]report.Report{
		"whole": whole, "nothing": {}, "rungs alone": {Env: "prod", Rungs: whole.Rungs}, "findings alone": {Env: "prod", Findings: whole.Findings},
		"well": {Env: "prod", Findings: finding.List{}, Rungs: whole.Rungs[:1]},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			judged(t, sarif, bytesOf(t, r, report.SARIF))
			judged(t, ours, bytesOf(t, r, report.JSON))
			for _, wrong := range junit.judge(bytesOf(t, r, report.JUnit)) {
				t.Error(wrong)
			}
			gitlab(t, bytesOf(t, r, report.GitLab))
		})
	}
}

// gitlab holds a report to what GitLab's page says of each entry.
func gitlab(t *testing.T, text []byte) {
	t.Helper()
	var list []struct {
		Description string `json:"description"`
		Check       string `json:"check_name"`
		Fingerprint string `json:"fingerprint"`
		Severity    string `json:"severity"`
		Location    struct {
			Path  string `json:"path"`
			Lines struct {
				Begin int `json:"begin"`
			} `json:"lines"`
		} `json:"location"`
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&list); err != nil || list == nil {
		t.Fatalf("%v: %s", err, text)
	}
	seen := map[string]bool{}
	for _, x := range list {
		if x.Description == "" || x.Check == "" || x.Location.Lines.Begin < 1 || strings.HasPrefix(x.Location.Path, "./") || strings.HasPrefix(x.Location.Path, "/") {
			t.Errorf("%+v", x)
		}
		if !slices.Contains([]string{"info", "minor", "major", "critical", "blocker"}, x.Severity) || len(x.Fingerprint) != 32 || seen[x.Fingerprint] {
			t.Errorf("%+v", x)
		}
		seen[x.Fingerprint] = true
	}
}
