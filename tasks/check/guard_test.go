package check_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/check"
)

func TestGuards(t *testing.T) {
	t.Parallel()
	const all = "guards: {clean_tree: true, branches: [main, \"release/*\"], pinned_images: true, own_server: true}\n"
	good := check.Situation{Commit: "a", Branch: "main", Server: "https://prod/api", Dev: "http://localhost:4200/api"}
	with := func(change func(*check.Situation)) check.Situation {
		s := good
		change(&s)
		return s
	}
	for name, test := range map[string]struct {
		text string
		s    check.Situation
		want []string // the setting, and the start of the message
	}{
		"all right":       {all, good, nil},
		"off":             {"", check.Situation{Changed: []string{"a"}, Images: map[string]string{"x": "y:latest"}, Server: "a", Dev: "a"}, nil},
		"dirty":           {all, with(func(s *check.Situation) { s.Changed = []string{"a", "b", "c", "d", "e"} }), []string{"guards.clean_tree changes that are in no commit: a, b, c and 2 more"}},
		"no repository":   {all, with(func(s *check.Situation) { s.Commit, s.Branch = "", "" }), []string{"guards.clean_tree this is no git repository with a commit"}},
		"a release":       {all, with(func(s *check.Situation) { s.Branch = "release/1" }), nil},
		"a wrong branch":  {all, with(func(s *check.Situation) { s.Branch = "x" }), []string{"guards.branches deploys to staging come from main or release/*, this is the branch x"}},
		"no branch":       {all, with(func(s *check.Situation) { s.Branch = "" }), []string{"guards.branches deploys to staging come from main or release/*, this is a commit without a branch"}},
		"a pull request":  {all, with(func(s *check.Situation) { s.Branch, s.Pull = "", "main" }), []string{"guards.branches deploys to staging come from main or release/*, this is a trial merge of a pull request from main"}},
		"images":          {all, with(func(s *check.Situation) { s.Images = images }), []string{"guards.pinned_images a runs the image x:latest, whose tag can be moved", "guards.pinned_images b runs the image x, whose tag can be moved", "guards.pinned_images c runs the image r:5000/x:1.0, whose tag can be moved"}},
		"dev's server":    {all, with(func(s *check.Situation) { s.Server = "http://127.0.0.1:4200/api/" }), []string{"guards.own_server http://127.0.0.1:4200/api/ is dev's server too"}},
		"another port":    {all, with(func(s *check.Situation) { s.Server = "http://127.0.0.1:4201/api" }), nil},
		"dev has no one":  {all, with(func(s *check.Situation) { s.Dev, s.Server = "", "" }), nil},
		"switched off":    {"guards: {clean_tree: false}\n", with(func(s *check.Situation) { s.Changed = []string{"a"} }), nil},
		"several at once": {all, check.Situation{Commit: "a", Branch: "x", Changed: []string{"a"}}, []string{"guards.clean_tree changes that are in no commit: a", "guards.branches deploys to staging come from main or release/*, this is the branch x"}},
	} {
		var got []string
		for _, f := range check.Guards(places(t, test.text+"code: {block: s3-bucket/shop}\n"), test.s) {
			got = append(got, f.Position.Key+" "+f.Message)
			if !strings.Contains(f.Fix, "change "+f.Position.Key) || f.Position.Line != 1 {
				t.Errorf("%s: %v", name, f)
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

var images = map[string]string{
	"a": "x:latest", "b": "x", "c": "r:5000/x:1.0", "d": "x@sha256:" + strings.Repeat("a", 64), "e": "r:5000/x:0123456789ab", "f": "{{ prefect.variables.image }}", "g": "",
}
