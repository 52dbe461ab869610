package trust

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/fault"
)

func file(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestForks(t *testing.T) {
	t.Parallel()
	const (
		own   = `{"id": 1, "full_name": "acme/robots"}`
		other = `{"id": 2, "full_name": "stranger/robots"}`
	)
	pull := func(head, base string) string {
		return `{"repository": ` + own + `, "pull_request": {"head": {"repo": ` + head + `}, "base": {"repo": ` + base + `}}}`
	}
	run := func(head string) string {
		return `{"repository": ` + own + `, "workflow_run": {"event": "x", "head_repository": ` + head + `}}`
	}
	for name, x := range map[string]struct {
		event, text string
		environ     []string
		reason      string // a part of it; empty: trusted
	}{
		"no CI":                       {},
		"push":                        {event: "push", text: `{"repository": ` + own + `}`},
		"push, nothing to read":       {event: "push", text: "{"},
		"merge queue":                 {event: "merge_group", text: `{"repository": ` + own + `, "merge_group": {}}`},
		"own branch":                  {event: "pull_request", text: pull(own, own)},
		"own branch of a fork":        {event: "pull_request", text: pull(strings.Replace(own, "}", `, "fork": true}`, 1), own)},
		"own, other case":             {event: "pull_request", text: pull(`{"full_name": "Acme/Robots"}`, own)},
		"own, base from elsewhere":    {event: "pull_request", text: pull(own, "null")},
		"fork":                        {event: "pull_request", text: pull(other, own), reason: "a pull request from stranger/robots"},
		"fork, target":                {event: "pull_request_target", text: pull(other, own), reason: "stranger/robots"},
		"fork, review":                {event: "pull_request_review", text: pull(other, own), reason: "stranger/robots"},
		"fork, review comment":        {event: "pull_request_review_comment", text: pull(other, own), reason: "stranger/robots"},
		"fork, unknown event":         {event: "something_new", text: pull(other, own), reason: "stranger/robots"},
		"fork with our name":          {event: "pull_request", text: pull(strings.Replace(own, "1", "3", 1), own), reason: "a pull request from"},
		"fork with our id":            {event: "pull_request", text: pull(strings.Replace(other, "2", "1", 1), own), reason: "a pull request from"},
		"fork without id":             {event: "pull_request", text: pull(`{"full_name": "stranger/robots"}`, own), reason: "stranger/robots"},
		"own, base without id":        {event: "pull_request", text: pull(own, `{"full_name": "acme/robots"}`)},
		"no base":                     {event: "pull_request", text: `{"pull_request": {"head": {"repo": ` + own + `}}}`, reason: "a pull request from acme/robots"},
		"fork that is gone":           {event: "pull_request", text: pull("null", own), reason: "a repository that is gone"},
		"fork, left out":              {event: "pull_request", text: `{"pull_request": {"head": {}, "base": {"repo": ` + own + `}}}`, reason: "gone"},
		"empty names":                 {event: "pull_request", text: pull("{}", "{}"), reason: "gone"},
		"own workflow run":            {event: "workflow_run", text: run(own)},
		"fork's workflow run":         {event: "workflow_run", text: run(other), reason: "started by stranger/robots"},
		"gone workflow run":           {event: "workflow_run", text: run("null"), reason: "gone"},
		"comment on a pull":           {event: "issue_comment", text: `{"issue": {"pull_request": {"url": "x"}}}`, reason: "comment on a pull request"},
		"comment on an issue":         {event: "issue_comment", text: `{"issue": {"title": "x"}}`},
		"no pull in a pull":           {event: "pull_request", text: `{"repository": ` + own + `}`, reason: "doesn't say whose"},
		"broken":                      {event: "pull_request", text: `{"pull_request": `, reason: "can't be read as JSON"},
		"no JSON":                     {event: "pull_request_target", text: "hello", reason: "can't be read"},
		"an array":                    {event: "pull_request", text: "[]", reason: "can't be read"},
		"no file":                     {event: "pull_request", reason: "GITHUB_EVENT_PATH is not set"},
		"no file, workflow run":       {event: "workflow_run", reason: "GITHUB_EVENT_PATH is not set"},
		"no file, comment":            {event: "issue_comment", reason: "GITHUB_EVENT_PATH is not set"},
		"fork, trusted":               {event: "pull_request", text: pull(other, own), environ: []string{"FLOWMAGE_UNTRUSTED=0"}},
		"fork, trusted in words":      {event: "pull_request", text: pull(other, own), environ: []string{"FLOWMAGE_UNTRUSTED=False"}},
		"fork, trusted by no":         {event: "pull_request", text: pull(other, own), environ: []string{"FLOWMAGE_UNTRUSTED=no"}},
		"fork, trusted by off":        {event: "pull_request", text: pull(other, own), environ: []string{"FLOWMAGE_UNTRUSTED=off"}},
		"said to be true":             {environ: []string{"FLOWMAGE_UNTRUSTED=true"}, reason: "says so"},
		"fork, empty variable":        {event: "pull_request", text: pull(other, own), environ: []string{"FLOWMAGE_UNTRUSTED="}, reason: "stranger"},
		"own, untrusted":              {event: "pull_request", text: pull(own, own), environ: []string{"FLOWMAGE_UNTRUSTED=1"}, reason: "says so"},
		"said":                        {environ: []string{"FLOWMAGE_UNTRUSTED= yes "}, reason: "says so"},
		"a yes counts":                {environ: []string{"FLOWMAGE_UNTRUSTED=1", "FLOWMAGE_UNTRUSTED=0"}, reason: "says so"},
		"in any case":                 {environ: []string{"flowmage_untrusted=ON", "FLOWMAGE_UNTRUSTED=0"}, reason: "says so"},
		"GitLab, push":                {environ: []string{"CI_PROJECT_ID=7"}},
		"GitLab, own":                 {environ: []string{"CI_PROJECT_ID=7", "CI_MERGE_REQUEST_IID=3", "CI_MERGE_REQUEST_PROJECT_ID=7", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID=7"}},
		"GitLab, fork":                {environ: []string{"CI_PROJECT_ID=7", "CI_MERGE_REQUEST_PROJECT_ID=7", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID=8"}, reason: "from project 8 to project 7"},
		"GitLab, in the fork":         {environ: []string{"CI_PROJECT_ID=8", "CI_MERGE_REQUEST_PROJECT_ID=7", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID=8"}, reason: "from project 8"},
		"GitLab, pipeline's project":  {environ: []string{"CI_PROJECT_ID=7", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID=8"}, reason: "from project 8"},
		"GitLab, target is the fork":  {environ: []string{"CI_PROJECT_ID=7", "CI_MERGE_REQUEST_PROJECT_ID=8", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID=8"}, reason: "from project 8"},
		"GitLab, source is gone":      {environ: []string{"CI_PROJECT_ID=7", "CI_MERGE_REQUEST_IID=3", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID="}, reason: "a project that is gone"},
		"GitLab, source is left out":  {environ: []string{"CI_PROJECT_ID=7", "CI_MERGE_REQUEST_ID=5"}, reason: "a project that is gone"},
		"GitLab, nobody says to what": {environ: []string{"CI_MERGE_REQUEST_SOURCE_PROJECT_ID=8"}, reason: "nothing says to which project"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			place := t.TempDir()
			environ := x.environ
			if x.event != "" {
				environ = append([]string{"GITHUB_ACTIONS=true", "GITHUB_EVENT_NAME=" + x.event}, environ...)
			}
			if x.text != "" {
				environ = append(environ, "GITHUB_EVENT_PATH="+file(t, filepath.Join(place, "event.json"), x.text))
			}
			got, err := Of(environ, t.TempDir())
			if err != nil || got.Untrusted != (x.reason != "") || !strings.Contains(got.Reason, x.reason) || (got.Reason == "") == got.Untrusted {
				t.Errorf("%+v %v, want %q", got, err, x.reason)
			}
		})
	}
}

// An event file that the repository could have written, or that would hold us up, says nothing good.
func TestEventFilesThatDontCount(t *testing.T) {
	t.Parallel()
	place := t.TempDir()
	tree := filepath.Join(place, "tree")
	own := `{"pull_request": {"head": {"repo": {"full_name": "a/b"}}, "base": {"repo": {"full_name": "a/b"}}}}`
	inside, outside := file(t, filepath.Join(tree, "event.json"), own), file(t, filepath.Join(place, "event.json"), own)
	large := file(t, filepath.Join(place, "large.json"), own+strings.Repeat(" ", largestEvent))
	link := filepath.Join(place, "link.json")
	if err := os.Symlink(inside, link); err != nil {
		t.Skip(err)
	}
	for path, trusted := range map[string]bool{
		outside: true, inside: false, link: false, large: false, place: false, os.DevNull: false, filepath.Join(place, "none.json"): false,
		filepath.Join(place, "none", "..", "tree", "event.json"): false,
	} {
		got, err := Of([]string{"GITHUB_EVENT_NAME=pull_request", "GITHUB_EVENT_PATH=" + path}, tree)
		if err != nil || got.Untrusted == trusted {
			t.Errorf("%s: %+v %v", path, got, err)
		}
	}
}

func TestNeitherYesNorNo(t *testing.T) {
	t.Parallel()
	got, err := Of([]string{"FLOWMAGE_UNTRUSTED=perhaps"}, t.TempDir())
	if fault.CodeOf(err) != fault.Usage || !got.Untrusted {
		t.Errorf("%+v %v", got, err)
	}
}

func TestSurroundings(t *testing.T) {
	t.Parallel()
	place := t.TempDir()
	root, outer := filepath.Join(place, "tree"), filepath.Join(place, "tree-of-mine")
	for _, dir := range []string{filepath.Join(root, "bin"), outer} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	link := filepath.Join(place, "link")
	if err := os.Symlink(filepath.Join(root, "bin"), link); err != nil {
		t.Skip(err)
	}
	list := func(folders ...string) string { return strings.Join(folders, string(filepath.ListSeparator)) }
	gone := nowhere(root)
	before := []string{
		"PATH=" + list(root, filepath.Join(root, "bin"), filepath.Join(root, "not-there"), link, "bin", ".", "", filepath.Join(outer, "..", "tree", "bin"), outer),
		"PYTHONPATH=" + list(root, outer), "LD_PRELOAD=./evil.so", "LD_LIBRARY_PATH=" + link,
		"HOME=" + filepath.Join(root, "home"), "XDG_CONFIG_HOME=" + outer, "DOCKER_CONFIG=.docker", "GIT_CONFIG_GLOBAL=" + filepath.Join(link, "config"),
		"PREFECT_HOME=", "GIT_DIR=" + filepath.Join(root, ".git"), "OTHER=" + root,
	}
	want := []string{
		"PATH=" + outer, "PYTHONPATH=" + outer, "LD_PRELOAD=", "LD_LIBRARY_PATH=",
		"HOME=" + gone, "XDG_CONFIG_HOME=" + outer, "DOCKER_CONFIG=" + gone, "GIT_CONFIG_GLOBAL=" + gone,
		"PREFECT_HOME=", "GIT_DIR=" + filepath.Join(root, ".git"), "OTHER=" + root,
	}
	got := Surroundings(before, root)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if changed := Changed(before, got); changed["HOME"] != gone || changed["OTHER"] != "" || len(changed) != 7 {
		t.Error(changed)
	}
}

// Each of these variables and programs stands by itself: what the first kinds hold of the repository goes, where the last ones lead into it their
// folder does.
func TestEachSurrounding(t *testing.T) {
	t.Parallel()
	place := t.TempDir()
	root := filepath.Join(place, "tree")
	evil := file(t, filepath.Join(root, "evil"), "")
	for name := range strings.FieldsSeq("PATH Path LD_LIBRARY_PATH LD_PRELOAD LD_AUDIT DYLD_LIBRARY_PATH DYLD_INSERT_LIBRARIES PYTHONPATH GIT_CEILING_DIRECTORIES") {
		if diff := cmp.Diff([]string{name + "="}, Surroundings([]string{name + "=" + evil}, root)); diff != "" {
			t.Error(diff)
		}
	}
	for name := range strings.FieldsSeq(`
		HOME USERPROFILE APPDATA LOCALAPPDATA XDG_CONFIG_HOME XDG_CONFIG_DIRS XDG_DATA_HOME DOCKER_CONFIG DOCKER_CERT_PATH PREFECT_HOME PREFECT_PROFILES_PATH
		GIT_CONFIG GIT_CONFIG_GLOBAL GIT_CONFIG_SYSTEM GIT_EXEC_PATH GIT_TEMPLATE_DIR PYTHONHOME PYTHONSTARTUP PYTHONUSERBASE VIRTUAL_ENV UV_CONFIG_FILE
		PIP_CONFIG_FILE NETRC GOROOT GOENV BASH_ENV
	`) {
		if diff := cmp.Diff([]string{name + "=" + nowhere(root)}, Surroundings([]string{name + "=" + evil}, root)); diff != "" {
			t.Error(diff)
		}
	}
	for name := range strings.FieldsSeq("git docker uv go python python3 prefect sh xdg-open open other") {
		folder := filepath.Join(place, name)
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(evil, filepath.Join(folder, name)); err != nil {
			t.Skip(err)
		}
		if got := Surroundings([]string{"PATH=" + folder}, root); (got[0] == "PATH=") != (name != "other") {
			t.Errorf("a folder with %s that leads into the repository: %s", name, got)
		}
	}
}

// Links count by each step of their way, however they are spelled.
func TestWaysThroughTheRepository(t *testing.T) {
	t.Parallel()
	place := t.TempDir()
	root, kept := filepath.Join(place, "tree"), filepath.Join(place, "kept")
	file(t, filepath.Join(kept, "x"), "")
	evil := file(t, filepath.Join(root, "evil"), "")
	relative := filepath.Join(place, "relative")
	if err := os.Mkdir(relative, 0o755); err != nil {
		t.Fatal(err)
	}
	for link, target := range map[string]string{
		filepath.Join(root, "away"): kept, filepath.Join(place, "door"): filepath.Join(root, "away"), filepath.Join(place, "alias"): root,
		filepath.Join(relative, "git"): filepath.Join("..", "door2", "evil"), filepath.Join(place, "door2"): root,
	} {
		if err := os.Symlink(target, link); err != nil {
			t.Skip(err)
		}
	}
	for _, folder := range []string{filepath.Join(place, "door"), filepath.Join(place, "alias", "away"), relative} {
		if got := Surroundings([]string{"PATH=" + folder}, root); got[0] != "PATH=" {
			t.Error(got)
		}
	}
	if got := Surroundings([]string{"LD_LIBRARY_PATH=" + kept + ";" + evil}, root); got[0] != "LD_LIBRARY_PATH="+kept {
		t.Error(got)
	}
}

// A project may lie anywhere in a repository: what its neighbours hold is as much a stranger's.
func TestSurroundingsOfSubfolder(t *testing.T) {
	t.Parallel()
	place := t.TempDir()
	top, mine := filepath.Join(place, "tree"), filepath.Join(place, "mine")
	root := filepath.Join(top, "projects", "shop")
	own := `{"pull_request": {"head": {"repo": {"full_name": "a/b"}}, "base": {"repo": {"full_name": "a/b"}}}}`
	event := file(t, filepath.Join(top, "event.json"), own)
	for _, path := range []string{filepath.Join(root, "envs", "base.yaml"), filepath.Join(top, ".git", "HEAD"), filepath.Join(top, "tools", "git"), filepath.Join(mine, "x"), filepath.Join(place, "kept", "git")} {
		file(t, path, "")
	}
	into, out, other := filepath.Join(mine, "uv"), filepath.Join(top, "way", "python3"), filepath.Join(place, "through", "python3")
	for link, target := range map[string]string{
		into: filepath.Join(top, "tools", "git"), other: out, out: filepath.Join(place, "kept", "git"),
		filepath.Join(top, "away"): filepath.Join(place, "kept"), filepath.Join(place, "project"): root,
		filepath.Join(place, "kept", "go"): filepath.Join("..", "kept", "git"),
	} {
		if err := os.MkdirAll(filepath.Dir(link), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, link); err != nil {
			t.Skip(err)
		}
	}
	list := func(folders ...string) string { return strings.Join(folders, string(filepath.ListSeparator)) }
	kept, gone := filepath.Join(place, "kept"), nowhere(root)
	for _, root := range []string{root, filepath.Join(place, "project")} {
		got := Surroundings([]string{
			"PATH=" + list(filepath.Join(top, "tools"), mine, filepath.Dir(other), filepath.Join(top, "away"), kept),
			"GIT_CONFIG_GLOBAL=" + filepath.Join(top, "gc"), "LD_PRELOAD=/lib/a.so " + filepath.Join(top, "x.so"), "HOME=" + mine,
		}, root)
		if diff := cmp.Diff([]string{"PATH=" + kept, "GIT_CONFIG_GLOBAL=" + gone, "LD_PRELOAD=/lib/a.so", "HOME=" + mine}, got); diff != "" {
			t.Errorf("%s:\n%s", root, diff)
		}
		stance, err := Of([]string{"GITHUB_EVENT_NAME=pull_request", "GITHUB_EVENT_PATH=" + event}, root)
		if err != nil || !strings.Contains(stance.Reason, "its file lies in the repository") {
			t.Errorf("%s: %+v %v", root, stance, err)
		}
	}
}

// The folder of the commit is the one with .git; where that is a file, as in a submodule, the one around it.
func TestTop(t *testing.T) {
	t.Parallel()
	place := t.TempDir()
	file(t, filepath.Join(place, "whole", ".git", "HEAD"), "")
	file(t, filepath.Join(place, "whole", "sub", ".git"), "gitdir: ../.git/modules/sub")
	file(t, filepath.Join(place, "whole", "own", ".git", "HEAD"), "")
	file(t, filepath.Join(place, "second", ".git"), "gitdir: ../whole/.git/worktrees/second")
	for root, want := range map[string]string{
		"whole": "whole", "whole/envs": "whole", "whole/sub": "whole", "whole/sub/deep": "whole", "whole/own/deep": "whole/own", "second/deep": "second", "none/deep": "none/deep",
	} {
		at := filepath.Join(place, filepath.FromSlash(root))
		if err := os.MkdirAll(at, 0o755); err != nil {
			t.Fatal(err)
		}
		top, err := filepath.Rel(resolved(place), resolved(Top(at)))
		if err != nil || filepath.ToSlash(top) != want {
			t.Errorf("%s: %s %v", root, top, err)
		}
	}
}

func TestBases(t *testing.T) {
	t.Parallel()
	place := t.TempDir()
	sha := strings.Repeat("ab", 20)
	push := file(t, filepath.Join(place, "push.json"), "{}")
	event := file(t, filepath.Join(place, "event.json"), `{"pull_request": {"head": {"sha": "`+strings.Repeat("c", 40)+`"}, "base": {"sha": "`+sha+`"}}}`)
	for name, x := range map[string]struct {
		environ []string
		want    []string
	}{
		"nobody says":       {nil, []string{"refs/remotes/origin/HEAD"}},
		"GitHub":            {[]string{"GITHUB_EVENT_PATH=" + event, "GITHUB_BASE_REF=main"}, []string{sha, "refs/remotes/origin/main"}},
		"GitLab":            {[]string{"CI_MERGE_REQUEST_DIFF_BASE_SHA=" + sha, "CI_MERGE_REQUEST_TARGET_BRANCH_NAME=a/b"}, []string{sha, "refs/remotes/origin/a/b"}},
		"said":              {[]string{"FLOWMAGE_BASE=release", "GITHUB_BASE_REF=main"}, []string{"refs/remotes/origin/release"}},
		"said as it is":     {[]string{"FLOWMAGE_BASE=refs/heads/release"}, []string{"refs/remotes/origin/release"}},
		"said of a remote":  {[]string{"FLOWMAGE_BASE=refs/remotes/origin/release"}, []string{"refs/remotes/origin/release"}},
		"the last one":      {[]string{"GITHUB_BASE_REF=old", "GITHUB_BASE_REF=main"}, []string{"refs/remotes/origin/main"}},
		"no pull request":   {[]string{"GITHUB_EVENT_PATH=" + push}, []string{"refs/remotes/origin/HEAD"}},
		"a commit is said":  {[]string{"FLOWMAGE_BASE=" + sha}, []string{sha}},
		"an expression":     {[]string{"FLOWMAGE_BASE=main~3"}, nil},
		"an option":         {[]string{"FLOWMAGE_BASE=--upload-pack=x"}, nil},
		"out of the branch": {[]string{"GITHUB_BASE_REF=../../heads/evil"}, []string{"refs/remotes/origin/HEAD"}},
	} {
		var got []string
		for _, b := range Bases(x.environ, t.TempDir()) {
			got = append(got, b.Name)
		}
		if diff := cmp.Diff(x.want, got); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}
