package tasks_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// named is a test in the text of a page, such as `TestScripts/secrets`.
var named = regexp.MustCompile("`(Test[A-Z]\\w*)(?:/(\\w+))?")

// What the pages about security claim is shown by tests, and those are there.
func TestClaimsHaveTests(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{}
	function := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	for file, text := range texts(t, ".", "../magefiles") {
		if strings.HasSuffix(file, "_test.go") {
			for _, m := range function.FindAllStringSubmatch(text, -1) {
				tests[m[1]] = true
			}
		}
	}
	for _, page := range []string{"../SECURITY.md", "../docs/security.md"} {
		data, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		found := named.FindAllStringSubmatch(string(data), -1)
		if len(found) < 8 {
			t.Errorf("%s names only %d tests", page, len(found))
		}
		for _, m := range found {
			if !tests[m[1]] {
				t.Errorf("%s names the test %s, which is not there", page, m[1])
			}
			if m[1] == "TestScripts" {
				if _, err := os.Stat("../magefiles/targets/testdata/script/" + m[2] + ".txtar"); err != nil {
					t.Errorf("%s names a script: %v", page, err)
				}
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
