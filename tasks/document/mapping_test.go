package document_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// entries gives a mapping as key=value words, and what is wrong with it as fault@line words.
func entries(n *yaml.Node, plain func(string) string) (words, flaws []string) {
	names := map[document.Fault]string{document.Repeated: "repeated", document.NoText: "no text", document.NoMapping: "no mapping"}
	for _, e := range document.Entries(n, plain, func(f document.Flaw) {
		flaws = append(flaws, strings.TrimSpace(fmt.Sprintf("%s@%d %s", names[f.Fault], f.At.Line, f.Name)))
	}) {
		words = append(words, e.Name+"="+e.Value.Value)
	}
	return words, flaws
}

func TestEntries(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct{ words, flaws string }{
		"{}":                      {},
		"a: 1\nb: 2":              {words: "a=1 b=2"},
		"x: &x 1\na: *x":          {words: "x=1 a=1"},
		"x: &x k\n*x : 1":         {words: "x=k k=1"},
		"a: 1\nb: 2\na: 3":        {words: "a=1 b=2", flaws: "repeated@3 a"},
		"a: 1\n+a: 2":             {words: "a=1", flaws: "repeated@2 +a"},
		"1: a\ntrue: b":           {words: "1=a true=b"},
		"\"\": a":                 {words: "=a"},
		"\"<<\": a":               {words: "<<=a"},
		"~: a\nb: 1":              {words: "b=1", flaws: "no text@1"},
		"? [a]\n: b\n? {c: d}\n:": {flaws: "no text@1,no text@3"},

		"<<: {a: 1, b: 2}\nb: 3":                 {words: "b=3 a=1"},
		"b: 3\n<<: {a: 1, b: 2}":                 {words: "b=3 a=1"},
		"+b: 3\n<<: {a: 1, b: 2}":                {words: "+b=3 a=1"},
		"<<: [{a: 1}, {a: 2, b: 3}]":             {words: "a=1 b=3"},
		"<<: {<<: {a: 1, b: 2}, b: 3}\nc: 4":     {words: "c=4 b=3 a=1"},
		"<<: {a: 1, a: 2}":                       {words: "a=1", flaws: "repeated@1 a"},
		"<<: []":                                 {},
		"<<: x\na: 1":                            {words: "a=1", flaws: "no mapping@1"},
		"<<:\na: 1":                              {words: "a=1", flaws: "no mapping@1"},
		"<<: [{a: 1}, x, [{b: 1}]]":              {words: "a=1", flaws: "no mapping@1,no mapping@1"},
		"x: &x [1]\ny: 1\n<<: *x":                {words: "x= y=1", flaws: "no mapping@1"},
		"x: &x word\n\n<<: *x\ny: 1":             {words: "x=word y=1", flaws: "no mapping@3"},
		"x: &x {a: 1}\ny: &y {a: 2}\n<<: [*y]":   {words: "x= y= a=2"},
		"x: &x {a: 1}\n<<: [*x, {<<: *x, b: 1}]": {words: "x= a=1 b=1"},
	} {
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		words, flaws := entries(doc.Content[0], func(name string) string { return strings.TrimPrefix(name, "+") })
		if got := strings.Join(words, " "); got != want.words {
			t.Errorf("%q: %s, want %s", text, got, want.words)
		}
		if got := strings.Join(flaws, ","); got != want.flaws {
			t.Errorf("%q: %s is wrong, want %s", text, got, want.flaws)
		}
	}
}

// What has no flaw is read as PyYAML reads it, which Prefect opens its files with; what it refuses has one.
func TestEntriesAreThoseOfPyYAML(t *testing.T) {
	t.Parallel()
	python := prerequisite.Python(t)
	texts := []string{
		"a: 1\nb: 2", "x: &x k\n*x : 1", "\"<<\": a", "<<: {a: 1, b: 2}\nb: 3", "b: 3\n<<: {a: 1, b: 2}", "<<: [{a: 1}, {a: 2, b: 3}]",
		"<<: {<<: {a: 1, b: 2}, b: 3}\nc: 4", "<<: []", "x: &x {a: 1}\n<<: [*x, {<<: *x, b: 1}]",
		"<<: x\na: 1", "<<:\na: 1", "<<: [{a: 1}, x]", "<<: [[{b: 1}]]", "? [a]\n: b", "? {c: d}\n:", "~: 1",
	}
	const script = `import json, sys, yaml
def load(text):
    try:
        keys = yaml.safe_load(text)
        return {k: v if isinstance(v, (int, str)) else "" for k, v in keys.items()} if None not in keys else None
    except yaml.YAMLError:
        return None
print(json.dumps([load(t) for t in json.load(sys.stdin)]))`
	in, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), python, "-c", script)
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var theirs []map[string]any
	if err := json.Unmarshal(out, &theirs); err != nil {
		t.Fatal(err)
	}
	for i, text := range texts {
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		words, flaws := entries(doc.Content[0], nil)
		if refused := theirs[i] == nil; refused != (flaws != nil) {
			t.Errorf("%q: PyYAML gives %v, and here is wrong: %v", text, theirs[i], flaws)
		}
		got := map[string]string{}
		for _, word := range words {
			key, value, _ := strings.Cut(word, "=")
			got[key] = value
		}
		want := map[string]string{}
		for key, value := range theirs[i] {
			want[key] = fmt.Sprint(value)
		}
		if diff := cmp.Diff(want, got); diff != "" && flaws == nil {
			t.Errorf("%q (-PyYAML +here):\n%s", text, diff)
		}
	}
}

// FuzzEntries: no name is given twice, no value is an alias, and what has no flaw is what the YAML library makes of it.
func FuzzEntries(f *testing.F) {
	f.Add([]byte("x: &x {a: 1}\ny: *x\n<<: [*x, {b: 2}]\nb: 3"))
	f.Add([]byte("a: 1\na: 2\n? [b]\n: c\n~: d\n<<: e"))
	f.Add([]byte("a: &a {<<: *a}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		root, _ := document.Read("file.yaml", data)
		if root == nil || document.Target(root).Kind != yaml.MappingNode {
			return
		}
		flawed, merges := false, strings.Count(string(data), "<<")
		got := map[string]*yaml.Node{}
		for _, e := range document.Entries(root, nil, func(document.Flaw) { flawed = true }) {
			if e.Value.Kind == yaml.AliasNode {
				t.Errorf("%q: an alias at %q", data, e.Name)
			}
			if got[e.Name] != nil {
				t.Errorf("%q: %q is there twice", data, e.Name)
			}
			got[e.Name] = e.Value
		}
		var want map[string]yaml.Node
		if flawed || merges > 1 || root.Decode(&want) != nil { // the library knows a single merge key
			return
		}
		if len(want) != len(got) {
			t.Errorf("%q: %d keys, the library has %d", data, len(got), len(want))
		}
		for name, value := range want {
			if mine := got[name]; mine == nil || mine.Line != document.Target(&value).Line || mine.Column != document.Target(&value).Column {
				t.Errorf("%q: %q is %v, want %v", data, name, mine, value)
			}
		}
	})
}
