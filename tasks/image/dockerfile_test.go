package image

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/tree"
)

func TestReadDockerfile(t *testing.T) {
	t.Parallel()
	type want struct {
		From     []string
		Sources  []string
		BuildKit string
	}
	for name, test := range map[string]struct {
		text string
		want want
	}{
		"plain":           {"FROM a\nCOPY x y /z/\n", want{[]string{"a"}, []string{"x", "y"}, ""}},
		"comments":        {"# FROM b\n\nfrom a # no comment\ncopy  ./x/ .\n", want{[]string{"a"}, []string{"x"}, ""}},
		"stages":          {"FROM a AS one\nFROM one\nCOPY --from=one /x /y\nFROM --platform=linux/amd64 b as two\n", want{[]string{"a", "b"}, []string{}, ""}},
		"arguments":       {"ARG V=3.12\nARG E\nFROM python:${V}-slim${E}\n", want{[]string{"python:3.12-slim"}, []string{}, ""}},
		"default in it":   {"FROM ${X:-a}\n", want{[]string{"a"}, []string{}, ""}},
		"scratch":         {"FROM scratch\nADD https://x/y /z\n", want{nil, []string{}, ""}},
		"list form":       {"FROM a\nCOPY [\"x y\", \"/z\"]\n", want{[]string{"a"}, []string{"x", "y"}, ""}},
		"continued":       {"FROM a\nCOPY x \\\n  # in between\n  y \\\n z/\n", want{[]string{"a"}, []string{"x", "y"}, ""}},
		"other escape":    {"# escape=`\nFROM a\nCOPY x `\n y\n", want{[]string{"a"}, []string{"x"}, ""}},
		"variable source": {"FROM a\nCOPY $WHAT /z\n", want{[]string{"a"}, nil, ""}},
		"owner":           {"FROM a\nCOPY --chown=1:1 x /z\n", want{[]string{"a"}, []string{"x"}, ""}},
		"mode":            {"FROM a\nCOPY --chmod=755 x /z\n", want{[]string{"a"}, []string{"x"}, "line 2 has --chmod"}},
		"mount":           {"FROM a\nRUN --mount=type=cache,target=/x pip\nCOPY x /y\n", want{[]string{"a"}, nil, "line 2 mounts"}},
		"syntax":          {"# syntax=docker/dockerfile:1\nFROM a\n", want{[]string{"a"}, []string{}, "it begins with a syntax directive"}},
		"here-document":   {"FROM a\nRUN <<EOF\nFROM b\nEOF\nCOPY x /y\n", want{[]string{"a"}, []string{"x"}, "line 2 has a here-document"}},
		"windows lines":   {"FROM a\r\nCOPY x \\\r\n y\r\n", want{[]string{"a"}, []string{"x"}, ""}},
		"nothing":         {"", want{nil, []string{}, ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := readDockerfile([]byte(test.text))
			got := want{nil, d.sources, d.buildKit}
			for _, f := range d.external() {
				got.From = append(got.From, d.expand(f.image, nil))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzReadDockerfile(f *testing.F) {
	f.Add("# syntax=x\nARG A=1\nFROM ${A:-b} AS c\nCOPY [\"a\", \"b\"] \\\n # x\nRUN <<E\nE\n")
	f.Fuzz(func(_ *testing.T, text string) {
		d := readDockerfile([]byte(text))
		for _, x := range d.external() {
			d.expand(x.image, map[string]string{"A": "1"})
		}
	})
}

func TestLabelled(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"ARG A\nFROM ${A} AS one\nRUN x\n\nFROM \\\n  one\nRUN y": "ARG A\nFROM ${A} AS one\nLABEL a=\"b\"\nRUN x\n\nFROM \\\n  one\nLABEL a=\"b\"\nRUN y",
		"FROM x": "FROM x\nLABEL a=\"b\"", "": "",
	} {
		if diff := cmp.Diff(want, string(labelled([]byte(text), map[string]string{"a": "b"}))); diff != "" {
			t.Error(diff)
		}
	}
}

func TestUnpinned(t *testing.T) {
	t.Parallel()
	d := readDockerfile([]byte("ARG B=python:3.12\nFROM ${B}\nFROM $B\nFROM x@sha256:00\nFROM mine\n"))
	var got []string
	for _, f := range d.unpinned("Dockerfile", nil, finding.Warning, func(image string) bool { return image == "mine" }) {
		got = append(got, f.Position.String()+" "+f.Message)
	}
	if diff := cmp.Diff([]string{"Dockerfile:2 FROM python:3.12 names no digest"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestPlan(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"core/docker/Dockerfile":      "ARG P=python:3.12@sha256:1\nFROM $P\nCOPY core ./core\n",
		"docker/tools/Dockerfile":     "FROM shop-base\nCOPY tools /tools\n",
		"docker/round/Dockerfile":     "FROM round\n",
		"core/x.py":                   "1",
		"tools/y":                     "1",
		"flows/a/Dockerfile":          "ARG BASE=shop-base\nFROM ${BASE}\nCOPY flows/a ./a\n",
		"flows/b/Dockerfile":          "FROM shop-tools\nCOPY flows/b ./b\n",
		"flows/a/w.py":                "1",
		"flows/b/w.py":                "1",
		"docker/round/Dockerfile.txt": "",
	}
	root := folderOf(t, files)
	plan := func(root, file string, args map[string]string) Planned {
		return Project{Files: tree.Open(root), Name: "Shop", Unpinned: finding.Warning}.Plan(Wanted{Name: "x", Dockerfile: file, Registry: "r.example.com/team/", Args: args})
	}
	a, b := plan(root, "flows/a/Dockerfile", nil), plan(root, "flows/b/Dockerfile", nil)
	if a.Spec.Repository != "r.example.com/team/shop-x" || len(a.Findings) > 0 {
		t.Error(a.Spec.Repository, a.Findings)
	}
	names := []string{}
	for _, base := range b.Bases {
		names = append(names, base.Repository)
	}
	if diff := cmp.Diff([]string{"shop-base", "shop-tools"}, names); diff != "" {
		t.Error(diff)
	}
	if want := "ARG BASE=shop-base\nFROM " + a.Bases[0].Reference() + "\nCOPY flows/a ./a\n"; string(a.Spec.Text) != want {
		t.Errorf("%s", a.Spec.Text)
	}
	if other := plan(root, "flows/a/Dockerfile", map[string]string{"UNUSED": "1"}); other.Spec.Tag != a.Spec.Tag {
		t.Error("an argument that no Dockerfile has counts")
	}
	if other := plan(root, "flows/a/Dockerfile", map[string]string{"P": "python:3.13@sha256:2"}); other.Spec.Tag == a.Spec.Tag {
		t.Error("an argument of the base does not count")
	}
	// What changes one flow changes its image alone, what changes the base changes both.
	for file, want := range map[string][2]bool{"flows/a/w.py": {true, false}, "core/x.py": {true, true}, "tools/y": {false, true}, "README": {false, false}} {
		changed := map[string]string{file: "2"}
		for name, text := range files {
			if name != file {
				changed[name] = text
			}
		}
		root := folderOf(t, changed)
		x, y := plan(root, "flows/a/Dockerfile", nil), plan(root, "flows/b/Dockerfile", nil)
		if got := [2]bool{x.Spec.Tag != a.Spec.Tag, y.Spec.Tag != b.Spec.Tag}; got != want {
			t.Errorf("%s: %v", file, got)
		}
	}
	double := map[string]string{"core/docker/Dockerfile": "FROM python:3.12\n", "flows/a/Dockerfile": "FROM shop-base AS packages\nFROM shop-base\n"}
	if p := plan(folderOf(t, double), "flows/a/Dockerfile", nil); len(p.Bases) != 1 || len(p.Findings) != 1 || strings.Count(string(p.Spec.Text), p.Bases[0].Reference()) != 2 {
		t.Errorf("a base that two stages start from: %v, %v\n%s", p.Bases, p.Findings, p.Spec.Text)
	}
	for file, want := range map[string]string{
		"docker/round/Dockerfile": "the images start from each other", "nothere": "the Dockerfile can't be read", "core/x.py": "the Dockerfile has no FROM",
	} {
		if p := plan(root, file, nil); len(p.Findings) == 0 || p.Findings[0].Message[:len(want)] != want {
			t.Errorf("%s: %v", file, p.Findings)
		}
	}
}
