package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/ladder"
	"github.com/flowmage/flowmage/tasks/report"
)

// hostile are texts that do something somewhere. Whoever writes a flow or a file may call it so.
var hostile = map[string]string{
	"clear screen": "\x1b[2J", "colour": "\x1b[31mred", "title": "\x1b]0;owned\x07", "clipboard": "\x1b]52;c;ZXZpbA==\x07", "link": "\x1b]8;;http://x\x07y\x1b]8;;\x07",
	"C1": "\u009b2J", "raw C1": "\x9b2J", "bell": "\x07", "null": "a\x00b", "backspaces": "ok\b\b\b", "carriage return": "bad\rgood", "new line": "a\nb", "lines of both kinds": "a\r\nb", "tab": "a\tb", "vertical": "a\vb\fc",
	"bidi": "user\u202etxt.exe", "isolate": "\u2066a\u2069", "zero width": "a\u200bb\ufeff\u2060", "line separator": "a\u2028b\u2029c", "tag characters": "\U000e0041", "filler": "\u3164", "soft hyphen": "a\u00adb",
	"invalid": "\xff\xfe", "half": "\xe2\x82", "surrogate": "\xed\xa0\x80", "no character": "\ufffe\uffff",
	"error": "::error::x", "error of a file": "::error file=a.py,line=1::x", "set-output": "::set-output name=a::b", "mask": "::add-mask::a", "stop": "::stop-commands::x", "env": "::set-env name=A::b", "behind a line": "x\n::error::y", "behind blanks": "  ::group::x",
	"old command": "##[error]x", "Azure": "##vso[task.setvariable variable=a]b", "TeamCity": "##teamcity[blockOpened name='x']", "GitLab section": "section_start:1:x\r\x1b[0Kx",
	"end of a property": "a,line=9::b", "percent": "100%0A::error::x%25", "colon": "a:b:c", "comma": "a,b,title=x",
	"image": "![x](http://example.com/a.png)", "address": "[x](javascript:alert(1))", "bare address": "http://example.com/", "www": "www.example.com", "mention": "@everyone", "issue": "#1 !2 ~bug", "code": "`a` ```b", "table": "a | b", "heading": "# x", "emphasis": "**x** __y__", "new row": "x |\n| --- | y",
	"script": "<script>alert(1)</script>", "tag": "<img src=x onerror=y>", "comment": "<!-- -->", "entity": "&lt;b&gt;&#x202e;", "details": "</details>", "cdata": "]]>", "whole cdata": "<![CDATA[x]]>", "declaration": "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]>&b;",
	"quotes": `"'` + "`", "backslash": `\" \\ \n`, "JSON": `"},{"level":"error"`, "placeholder": "{0} {1}", "template": "${{ github.token }} {{ x }}", "shell": "$(id) `id` ; rm -rf /",
	"scheme": "javascript:x", "absolute": "/etc/passwd", "climbing": "../../etc/passwd", "query": "a?b=c#d", "long": strings.Repeat("long ", 5000), "wide": strings.Repeat("𝕏", 3000),
}

// around gives a report with a text in every place where somebody else's may stand.
func around(text string) report.Report {
	f := finding.Finding{Code: "c", Severity: finding.Error, Position: finding.Position{File: text, Line: 1, Key: text}, Subject: text, Message: text, Why: text, Fix: text, Source: text, Caret: 2}
	g := f
	g.Position, g.Severity, g.Source = finding.Position{File: "flows/a.py", Line: 2}, finding.Warning, ""
	return report.Report{
		Env: text, Home: "envs/dev.yaml", Findings: finding.List{f, g}, Flows: []report.Flow{{text, "flows/b.py"}, {text, text}},
		Rungs: ladder.Rungs{{Name: text, State: ladder.Failed, Detail: text, Why: text, Next: text}, {Name: text, State: ladder.Warned, Detail: text, Why: text}, {Name: text, State: ladder.Skipped, Detail: text}},
		Since: &report.Since{Ref: text, Base: "abc", Changed: []string{text}, Flows: []string{text}, LeftOut: []string{text}, Hidden: 1},
	}
}

// unseen gives the first character that is not seen, or changes how others are.
func unseen(text string) string {
	for i, r := range text {
		if r == utf8.RuneError || r < ' ' && r != '\n' && r != '\t' || r == 0x7f || unicode.Is(unicode.Cf, r) || r >= 0x80 && r < 0xa0 || r == 0x2028 || r == 0x2029 || r == 0x3164 {
			return fmt.Sprintf("%U at %d", r, i)
		}
	}
	return ""
}

// obeyed is what CI systems look for in the lines of a log.
var obeyed = regexp.MustCompile(`(?m)^\s*::|##\w*\[|section_(start|end):`)

// Whatever names and messages hold, each format stays what it is, and nothing in it does anything.
func TestHostile(t *testing.T) {
	t.Parallel()
	if len(hostile) < 60 {
		t.Errorf("%d texts", len(hostile))
	}
	sarif, ours, junit := schemaOf(t, "testdata/sarif-schema-2.1.0.json"), schemaOf(t, "../../docs/report.schema.json"), xsd(t)
	checks := map[report.Format]func(*testing.T, string, []byte){
		report.Text: func(*testing.T, string, []byte) {},
		report.JSON: func(t *testing.T, _ string, got []byte) { t.Helper(); judged(t, ours, got) },
		report.SARIF: func(t *testing.T, text string, got []byte) {
			t.Helper()
			judged(t, sarif, got)
			readSARIF(t, text, got)
		},
		report.JUnit:    func(t *testing.T, _ string, got []byte) { t.Helper(); readJUnit(t, junit, got) },
		report.GitLab:   func(t *testing.T, _ string, got []byte) { t.Helper(); readGitLab(t, got) },
		report.GitHub:   func(t *testing.T, _ string, got []byte) { t.Helper(); readGitHub(t, string(got)) },
		report.Markdown: func(t *testing.T, _ string, got []byte) { t.Helper(); readMarkdown(t, string(got)) },
	}
	for name, text := range hostile {
		for _, f := range report.Formats() {
			t.Run(name+"/"+string(f), func(t *testing.T) {
				t.Parallel()
				got := bytesOf(t, around(text), f)
				if found := unseen(string(got)); found != "" || !utf8.Valid(got) {
					t.Errorf("%s in %q", found, got)
				}
				if found := obeyed.FindString(string(got)); f != report.GitHub && found != "" {
					t.Errorf("%q in %q", found, got)
				}
				checks[f](t, text, got)
			})
		}
	}
}

// texts gives every text in a JSON value.
func texts(v any) []string {
	switch x := v.(type) {
	case string:
		return []string{x}
	case []any:
		var out []string
		for _, y := range x {
			out = append(out, texts(y)...)
		}
		return out
	case map[string]any:
		var out []string
		for _, y := range x {
			out = append(out, texts(y)...)
		}
		return out
	}
	return nil
}

// What SARIF's and GitLab's readers show is inert once it is read, too: they show it to people. In JSON the texts are what they are.
func decoded(t *testing.T, got []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(got, &v); err != nil {
		t.Fatal(err)
	}
	for _, text := range texts(v) {
		if found := unseen(text); found != "" || obeyed.MatchString(text) {
			t.Errorf("%s in %q", found, text)
		}
	}
	return v
}

func readGitLab(t *testing.T, got []byte) {
	t.Helper()
	gitlab(t, bytes.ReplaceAll(got, []byte(`"path": "/`), []byte(`"path": "`))) // one that was called so
	decoded(t, got)
}

func readSARIF(t *testing.T, text string, got []byte) {
	t.Helper()
	var log struct {
		Runs []struct {
			Results []struct {
				Message   struct{ Text string }
				Locations []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
					}
				}
			}
		}
	}
	decoded(t, got)
	if err := json.Unmarshal(got, &log); err != nil {
		t.Fatal(err)
	}
	files := 0
	for _, r := range log.Runs[0].Results {
		if regexp.MustCompile(`(^|[^\\])(\\\\)*\[[^\]]*[^\\]\]\(|(^|[^{])\{\d+\}`).MatchString(r.Message.Text) {
			t.Errorf("a link or a placeholder in %q", r.Message.Text)
		}
		u, err := url.Parse(r.Locations[0].PhysicalLocation.ArtifactLocation.URI)
		if err != nil || u.Scheme != "" || u.Host != "" || u.RawQuery != "" || u.Fragment != "" {
			t.Errorf("%v %+v", err, u)
		}
		if err == nil && u.Path == text {
			files++
		}
	}
	if files == 0 && !strings.HasPrefix(text, "<") {
		t.Errorf("no address leads to %q", text)
	}
}

func readJUnit(t *testing.T, d definition, got []byte) {
	t.Helper()
	for _, wrong := range d.judge(got) {
		t.Error(wrong)
	}
	dec := xml.NewDecoder(bytes.NewReader(got))
	for cases := 0; ; {
		token, err := dec.Token()
		if err != nil {
			if cases < 6 || cases > 7 {
				t.Errorf("%d cases", cases)
			}
			return
		}
		switch x := token.(type) {
		case xml.StartElement:
			if x.Name.Local == "testcase" {
				cases++
			}
			for _, a := range x.Attr {
				if found := unseen(a.Value); found != "" || len(a.Value) > 9000 {
					t.Errorf("%s in %q", found, a.Value)
				}
			}
		case xml.CharData:
			if found := unseen(string(x)); found != "" {
				t.Errorf("%s in %q", found, x)
			}
		}
	}
}

// command is a line as GitHub's runner reads it (actions/runner: ActionCommand.cs): ::name properties::data.
var command = regexp.MustCompile(`^::(error|warning|notice) ((?:(?:file|line|col|title)=[^,:\n]*,?)+)::(.*)$`)

func readGitHub(t *testing.T, got string) {
	t.Helper()
	list := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
	if len(list) != 4 {
		t.Errorf("%d lines", len(list))
	}
	for _, l := range list {
		parts := command.FindStringSubmatch(l)
		if parts == nil || strings.Count(","+parts[2], ",file=") > 1 || strings.Count(","+parts[2], ",title=") != 1 {
			t.Errorf("%q", l)
			continue
		}
		if obeyed.MatchString(strings.NewReplacer("%0A", "\n", "%0D", "\r", "%25", "%").Replace(parts[3])) {
			t.Errorf("a command within %q", l)
		}
	}
}

func readMarkdown(t *testing.T, got string) {
	t.Helper()
	if len(got) > 70_000 {
		t.Errorf("%d bytes", len(got))
	}
	for l := range strings.Lines(got) {
		l = strings.TrimSpace(l)
		if strings.HasPrefix(l, "|") && strings.Count(l, "|") != 5 && strings.Count(l, "|") != 4 {
			t.Errorf("other cells: %q", l)
		}
		plain := strings.NewReplacer("<br>", "", "<code>", "", "</code>", "").Replace(l)
		if found := regexp.MustCompile("[`*\\[\\]<>!~@]|://|www\\.|\\\\").FindString(plain); found != "" && !strings.Contains(l, "`-format=text`") {
			t.Errorf("%q in %q", found, l)
		}
		if found := unseen(html.UnescapeString(l)); found != "" && !strings.Contains(l, "&#38;#x202e") {
			t.Errorf("%s in %q", found, l)
		}
	}
}
