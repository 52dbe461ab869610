package tasks_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What pages name: `TestX`, `FuzzX`, `TestX/a_subtest` with more of them behind it as `/another`, and scripts, as `name.txtar` or the script `name`.
var (
	namedTest   = regexp.MustCompile("`((?:Test|Fuzz)[A-Z]\\w*)((?:/[^`\\s]+)?)`((?:,\\s+`/\\w+`)*)")
	furtherPart = regexp.MustCompile("`/(\\w+)`")
	namedScript = regexp.MustCompile("`([\\w-]+)\\.txtar`|\\bscripts?\\s+`([\\w-]+)`")
)

// claims gives what a text names: tests by their names, with the subtest behind a slash, and scripts as those of TestScripts.
func claims(text string) []string {
	var out []string
	for _, m := range namedTest.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1]+m[2])
		for _, further := range furtherPart.FindAllStringSubmatch(m[3], -1) {
			out = append(out, m[1]+"/"+further[1])
		}
	}
	for _, m := range namedScript.FindAllStringSubmatch(text, -1) {
		out = append(out, "TestScripts/"+m[1]+m[2])
	}
	return out
}

// proofs are the tests of the repository, each with the text of its file.
type proofs map[string]string

func proofsIn(files map[string]string) proofs {
	out := proofs{}
	function := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	for file, text := range files {
		if strings.HasSuffix(file, "_test.go") {
			for _, m := range function.FindAllStringSubmatch(text, -1) {
				out[m[1]] = text
			}
		}
	}
	return out
}

// subtest is a name where subtests get theirs: in a call of Run, first in a row of a table, or a key of one.
var subtest = regexp.MustCompile(`(?:\bRun\(|\{)\s*"([^"\\\n]+)"|"([^"\\\n]+)":`)

// has tells whether a test is there, and its subtest: a script is a file, and others have their names in the test's file.
func (p proofs) has(claim string) bool {
	name, part, _ := strings.Cut(claim, "/")
	text, there := p[name]
	switch {
	case !there || part == "":
		return there && !strings.HasSuffix(claim, "/")
	case name == "TestScripts":
		_, err := os.Stat(filepath.Join("..", "magefiles", "targets", "testdata", "script", part+".txtar"))
		return err == nil
	default:
		return slices.ContainsFunc(subtest.FindAllStringSubmatch(text, -1), func(m []string) bool { return strings.ReplaceAll(m[1]+m[2], " ", "_") == part })
	}
}

// What the pages about security claim is shown by tests, and those are there.
func TestClaimsHaveTests(t *testing.T) {
	t.Parallel()
	tests := proofsIn(texts(t, ".", "../magefiles"))
	for _, page := range []string{"../SECURITY.md", "../docs/security.md"} {
		data, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		found := claims(string(data))
		if len(found) < 8 {
			t.Errorf("%s names only %d tests", page, len(found))
		}
		for _, claim := range found {
			if !tests.has(claim) {
				t.Errorf("%s names %s, which is not there", page, claim)
			}
		}
	}
	// Links of the policy lead to sections of the page.
	policy, _ := os.ReadFile("../SECURITY.md")
	page, _ := os.ReadFile("../docs/security.md")
	for _, m := range regexp.MustCompile(`docs/security\.md#([\w-]+)`).FindAllStringSubmatch(string(policy), -1) {
		heading := regexp.MustCompile(`(?im)^## ` + strings.ReplaceAll(regexp.QuoteMeta(m[1]), "-", "[ ']") + `$`)
		if !heading.Match(page) {
			t.Errorf("SECURITY.md leads to a section %q that is not there", m[1])
		}
	}
}

// Of each form in which a page can name a test, one that is there is found and one that is not is missed.
func TestClaimsAreRead(t *testing.T) {
	t.Parallel()
	const text = "`TestScripts/secrets`, `FuzzRule`, `FuzzNothing`, `TestOwnServerGuarded/origins`, `/web_sockets`,\n`/nothing_of_it` and `TestNothing` (tasks/x), `TestWays/fsmonitor`, " +
		"the script `trusted.txtar`, the script `untrusted` and the script `nothing`, `nothing.txtar`, `TestClaims/with/nothing`, `/api/health`"
	tests := proofsIn(texts(t, ".", "../magefiles"))
	got := map[string]bool{}
	for _, claim := range claims(text) {
		got[claim] = tests.has(claim)
	}
	want := map[string]bool{
		"TestScripts/secrets": true, "FuzzRule": true, "FuzzNothing": false, "TestOwnServerGuarded/origins": true, "TestOwnServerGuarded/web_sockets": true,
		"TestOwnServerGuarded/nothing_of_it": false, "TestNothing": false, "TestWays/fsmonitor": true, "TestScripts/trusted": true, "TestScripts/untrusted": true,
		"TestScripts/nothing": false, "TestClaims/with/nothing": false,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
