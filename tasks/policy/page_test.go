package policy_test

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/policy"
)

// The policies in docs/policies.md are in order, and each has examples of both kinds. The page names every key.
func TestPage(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../docs/policies.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(data)
	files := fstest.MapFS{}
	for i, part := range strings.Split(page, "```yaml\n")[1:] {
		text, _, _ := strings.Cut(part, "```")
		files["policies/"+string(rune('a'+i))+".yaml"] = &fstest.MapFile{Data: []byte(text)}
	}
	list, findings := policy.Read(files, builtin)
	if len(list) != 3 || len(findings) > 0 {
		t.Fatal(len(list), about(findings))
	}
	if wrong := policy.Try(list); len(wrong) > 0 {
		t.Error(strings.Join(about(wrong), "\n"))
	}
	for _, p := range list {
		refused := slices.ContainsFunc(p.Examples, func(e policy.Example) bool { return e.Refused })
		fine := slices.ContainsFunc(p.Examples, func(e policy.Example) bool { return !e.Refused })
		if !refused || !fine {
			t.Errorf("%s needs an example that it refuses, and one that it doesn't", p.Code)
		}
	}
	for word, keys := range policy.Empty() {
		keys, _ := keys.(map[string]any)
		for _, key := range append(slices.Sorted(maps.Keys(keys)), word) {
			if !strings.Contains(page, "`"+key+"`") {
				t.Errorf("the page does not name %s of %s", key, word)
			}
		}
	}
}

// An example that shows something else than it should is told with what was wanted.
func TestTry(t *testing.T) {
	t.Parallel()
	const more = `    examples:
      - {name: as wanted, input: {deployment: {tags: [a]}}, refused: true}
      - {name: a number, input: {deployment: {concurrency_limit: 3, tags: [a, b]}}, refused: false}
      - {name: should be fine, input: {deployment: {tags: [a]}}, refused: false}
      - {input: {deployment: {tags: [a, b]}}, refused: true, message: has one}
      - {input: {deployment: {tags: [a]}}, refused: true, message: has two}
      - {input: {deployment: {tag: [a]}}, refused: true}
      - {input: {deploiment: {tags: [a]}}, refused: true}
      - {input: {deployment: [a]}, refused: true}
`
	got := about(policy.Try(read(t, over(`size(deployment.tags) == 2 && (deployment.concurrency_limit == null || deployment.concurrency_limit > 2)`, more))))
	want := []string{
		`policies/shop.yaml:10:9 [policy-example] trial, example "should be fine": says something else (-want +got): -nothing against it +refused: "is not so"`,
		`policies/shop.yaml:11:9 [policy-example] trial: says something else (-want +got): -refused: "has one" +nothing against it`,
		`policies/shop.yaml:12:9 [policy-example] trial: says something else (-want +got): -refused: "has two" +refused: "is not so"`,
		`policies/shop.yaml:13:9 [policy-example] trial: deployment has no key "tag"`,
		`policies/shop.yaml:14:9 [policy-example] trial: the input has "deploiment", which a policy over a deployment does not see`,
		`policies/shop.yaml:15:9 [policy-example] trial: deployment is no mapping`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
