package check_test

import (
	"errors"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
)

// places loads settings of staging, which have a server elsewhere.
func places(t *testing.T, text string) config.Env {
	t.Helper()
	root := fstest.MapFS{
		"envs/base.yaml":    {Data: []byte("project: shop\nserver: {url: https://prefect.example.com/api}\n")},
		"envs/staging.yaml": {Data: []byte(text)}, "flows/a/w.py": {},
	}
	env, findings, err := config.Load(config.Source{Root: root, Env: "staging", Folder: "/home/me/shop"})
	if err != nil || findings.HasErrors() {
		t.Fatal(err, findings)
	}
	return env
}

func brief(list finding.List) []string {
	var out []string
	for _, f := range list {
		out = append(out, f.Position.String()+" "+f.Subject+" "+f.Severity.String()+" "+f.Code+": "+f.Message)
	}
	return out
}

func TestCode(t *testing.T) {
	t.Parallel()
	const https = "code: {git: {repository: https://github.com/acme/shop.git}}\n"
	flows := []flow.Flow{
		{Name: "a", Entrypoint: "flows/a/w.py:a", File: "flows/a/w.py", Line: 3, Files: []string{"core/x.py", "flows/a/w.py"}},
		{Name: "b", Entrypoint: "flows/b/w.py:b", File: "flows/b/w.py", Line: 5, Files: []string{"flows/b/w.py"}},
	}
	commits := map[string]string{"flows/a/w.py:a": "aaaaaaaaaaaa", "flows/b/w.py:b": "bbbbbbbbbbbb"}
	for name, test := range map[string]struct {
		text  string
		clone check.Clone
		want  []string
	}{
		"a folder":         {"code: {directory: /srv/shop}\n", check.Clone{}, nil},
		"remote storage":   {"code: {remote: {url: \"s3://bucket/shop\"}}\n", check.Clone{}, nil},
		"a block":          {"code: {block: s3-bucket/shop}\n", check.Clone{}, nil},
		"storage of here":  {"code: {remote: {url: \"file:///srv/shop\"}}\n", check.Clone{}, []string{"envs/staging.yaml:1:17  warning code-elsewhere: file:///srv/shop can be read on its own machine only"}},
		"all right":        {https, check.Clone{Commits: commits}, nil},
		"from origin":      {"code: {git: {branch: main}}\n", check.Clone{Commits: commits, Remote: "git@github.com:acme/shop.git"}, nil},
		"no origin":        {"code: {git: {branch: main}}\n", check.Clone{Commits: commits}, []string{"envs/staging.yaml:1:8  error code-git: code.git names no repository, and there is no git remote origin"}},
		"follows a branch": {"code: {git: {repository: https://x/y.git, pin: branch}}\n", check.Clone{Changed: []string{"flows/a/w.py"}}, nil},
		"a token over ssh": {"code: {git: {repository: git@github.com:acme/shop.git, credentials: secret/token}}\n", check.Clone{Commits: commits}, []string{"envs/staging.yaml:1:8  error code-git: code.git has credentials, but git@github.com:acme/shop.git is no https address"}},
		"of this machine":  {"code: {git: {repository: /srv/shop.git}}\n", check.Clone{Commits: commits}, []string{"envs/staging.yaml:1:8  warning code-elsewhere: /srv/shop.git can be read on its own machine only"}},
		"changed":          {https, check.Clone{Commits: commits, Changed: []string{"core/x.py", "README.md"}}, []string{"flows/a/w.py:3 a error code-uncommitted: core/x.py has changes that are in no commit"}},
		"a new folder":     {https, check.Clone{Commits: commits, Changed: []string{"flows/b/"}}, []string{"flows/b/w.py:5 b error code-uncommitted: flows/b/w.py has changes that are in no commit"}},
		"in no commit":     {https, check.Clone{Commits: map[string]string{"flows/a/w.py:a": "aaaaaaaaaaaa"}}, []string{"flows/b/w.py:5 b error code-uncommitted: it is in no commit"}},
		"not pushed":       {https, check.Clone{Commits: commits, Unpushed: map[string]bool{"bbbbbbbbbbbb": true}}, []string{"flows/b/w.py:5 b error code-unpushed: the commit bbbbbbbbb, which changed it last, is not on the remote"}},
		"shallow":          {https, check.Clone{Commits: commits, Shallow: true}, []string{"envs/staging.yaml:1:8  warning code-git: this clone holds only the newest commits"}},
		"no branch":        {"code: {git: {repository: https://x/y.git, branch: rel}}\n", check.Clone{NoBranch: map[string]bool{"rel": true}}, []string{"envs/staging.yaml:1:8  error code-git: the remote has no branch rel, as far as is known here"}},
		"below the top":    {https, check.Clone{Prefix: "shop/"}, []string{"envs/staging.yaml:1:8  error code-git: flows and settings lie in the folder shop/ of the repository"}},
		"no git":           {https, check.Clone{Problem: errors.New("no repository")}, []string{"envs/staging.yaml:1:8  error code-git: the flows' commits can't be found: no repository"}},
		"a place of their own": {
			"code: {git: {repository: git@x:y.git, credentials: secret/token}}\nflows: {b: {code: {directory: /srv/shop}}}\n", check.Clone{Commits: commits},
			[]string{"envs/staging.yaml:1:8 a error code-git: code.git has credentials, but git@x:y.git is no https address"},
		},
		"a flow's own, by its branch": {
			"code: {directory: /srv/shop}\nflows: {b: {code: {git: {repository: https://x/y.git, branch: rel}}}}\n", check.Clone{NoBranch: map[string]bool{"rel": true}},
			[]string{"envs/staging.yaml:2:20 b error code-git: the remote has no branch rel, as far as is known here"},
		},
		"a flow's own, and none for the others": {"flows: {b: {code: {directory: /srv/b}}}\n", check.Clone{}, []string{
			"envs/staging.yaml a error code-missing: it is not set where the workers of staging find the flows",
		}},
		"nothing in python": {"kinds: []\ncode: {git: {branch: main}}\n", check.Clone{}, nil},
	} {
		if diff := cmp.Diff(test.want, brief(check.Code(places(t, test.text), flows, test.clone))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// dev's default is this folder: of no use to workers elsewhere.
func TestCodeOfDev(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]int{
		"": 0, "http://127.0.0.1:4200/api": 0, "http://localhost:4200/api": 0, "http://[::1]:4200/api": 0, "http://prefect:4200/api": 1, "https://10.0.0.1/api": 1,
	} {
		root := fstest.MapFS{"envs/base.yaml": {Data: []byte("project: shop\n")}, "envs/dev.yaml": {Data: []byte("server: {url: \"" + url + "\"}\n")}, "flows/a.py": {}}
		if url == "" {
			root["envs/dev.yaml"].Data = nil
		}
		env, findings, err := config.Load(config.Source{Root: root, Env: "dev", Folder: "/home/me/shop"})
		if err != nil || findings.HasErrors() {
			t.Fatal(err, findings)
		}
		if got := check.Code(env, []flow.Flow{{Name: "a", File: "flows/a.py"}}, check.Clone{}); len(got) != want {
			t.Errorf("%q: %v", url, got)
		}
	}
}

func TestContainers(t *testing.T) {
	t.Parallel()
	flows := []flow.Flow{{Name: "a", File: "flows/a/w.py", Files: []string{"flows/a/w.py"}}}
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"all right":     {"kinds: [container]\nvolumes: [\"/data:/data\", \"cache:/cache\"]\n", nil},
		"no container":  {"volumes: [\"./data:/data\"]\n", nil},
		"relative":      {"kinds: [container]\nvolumes: [\"./data:/data\"]\n", []string{"envs/staging.yaml:2:1 a error container-setting: the volume \"./data:/data\" has no folder to count from"}},
		"in Kubernetes": {"kinds: [container]\npools: {container: {type: kubernetes}}\nflows: {a: {networks: [x]}}\n", []string{"envs/staging.yaml:3:13 a error container-setting: networks do nothing in a Kubernetes pool"}},
		"digest":        {"kinds: [container]\nimage: {pin: digest}\n", []string{"envs/staging.yaml:2:9 a error container-setting: image.pin is digest, but no registry is named"}},
	} {
		if diff := cmp.Diff(test.want, brief(check.Settings(places(t, test.text+"code: {block: s3-bucket/shop}\n"), flows, nil))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
