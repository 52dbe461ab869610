package render_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/render"
)

// one gives the only deployment of the first flow.
func one(t *testing.T, settings string) render.Deployment {
	t.Helper()
	o := options
	o.Commits = map[string]string{"flows/a/w.py:a": "1234567890abcdef"}
	o.Remote = "https://github.com/acme/origin.git"
	o.Images = map[string]string{"flows/a/w.py:a": "registry.example.com/first:0123456789ab"}
	list := render.Deployments(environment(t, settings), flows[1:], o)
	if len(list) != 1 {
		t.Fatal(list)
	}
	return list[0]
}

func TestPull(t *testing.T) {
	t.Parallel()
	type arguments = map[string]any
	for name, test := range map[string]struct {
		settings, step string
		want           arguments
	}{
		"this folder": {"", "set_working_directory", arguments{"directory": "/srv/shop"}},
		"a folder":    {"code: {directory: /opt/x}\n", "set_working_directory", arguments{"directory": "/opt/x"}},
		"a clone":     {"code: {git: {repository: https://x/y.git}}\n", "git_clone", arguments{"repository": "https://x/y.git", "commit_sha": "1234567890abcdef"}},
		"origin": {
			"code: {git: {branch: main, submodules: true}}\n", "git_clone",
			arguments{"repository": "https://github.com/acme/origin.git", "commit_sha": "1234567890abcdef", "include_submodules": true},
		},
		"a branch": {
			"code: {git: {branch: main, pin: branch, credentials: github-credentials/robots}}\n", "git_clone",
			arguments{"repository": "https://github.com/acme/origin.git", "branch": "main", "credentials": "{{ prefect.blocks.github-credentials.robots }}"},
		},
		"a token": {
			"code: {git: {pin: branch, credentials: secret/token}}\n", "git_clone",
			arguments{"repository": "https://github.com/acme/origin.git", "access_token": "{{ prefect.blocks.secret.token }}"},
		},
		"storage": {
			"code: {remote: {url: \"s3://bucket/x\", settings: {key: \"{{ prefect.blocks.secret.key }}\"}}}\n", "pull_from_remote_storage",
			arguments{"url": "s3://bucket/x", "key": "{{ prefect.blocks.secret.key }}"},
		},
		"one flow's own place": {
			"flows: {first: {code: {git: {repository: https://x/own.git, pin: branch, branch: next}}}}\n", "git_clone", arguments{"repository": "https://x/own.git", "branch": "next"},
		},
		"one flow's branch of the environment's repository": {
			"code: {git: {repository: https://x/y.git, pin: branch, branch: main}}\nflows: {first: {code: {git: {branch: next}}}}\n", "git_clone",
			arguments{"repository": "https://x/y.git", "branch": "next"},
		},
		"another flow's place": {"flows: {second: {code: {directory: /opt/y}}}\n", "set_working_directory", arguments{"directory": "/srv/shop"}},
		"a block":              {"code: {block: s3-bucket/robots}\n", "pull_with_block", arguments{"block_type_slug": "s3-bucket", "block_document_name": "robots"}},
		"an image": {
			"kinds: [container]\ncode: {git: {pin: branch}}\n", "set_working_directory", arguments{"directory": render.ImageRoot},
		},
	} {
		want := []map[string]any{{"prefect.deployments.steps." + test.step: test.want}}
		if diff := cmp.Diff(want, one(t, test.settings).Pull); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestContainerJobs(t *testing.T) {
	t.Parallel()
	const all = `
kinds: [container]
env: {LEVEL: debug}
networks: [rpa-network]
volumes: [./data:/data:ro, cache:/cache, /var/x:/x]
memory: 512m
image: {pull: Always}
job_variables: {stream_output: true}
`
	image := "registry.example.com/first:0123456789ab"
	env := map[string]any{"LEVEL": "debug"}
	inside := map[string]any{"PREFECT_HOME": "/tmp/prefect", "PREFECT_PROFILES_PATH": "/tmp/prefect/profiles.toml"}
	both := map[string]any{"LEVEL": "debug", "PREFECT_HOME": "/tmp/prefect", "PREFECT_PROFILES_PATH": "/tmp/prefect/profiles.toml"}
	for name, test := range map[string]struct {
		settings string
		want     map[string]any
	}{
		"docker": {all, map[string]any{
			"image": image, "image_pull_policy": "Always", "networks": []string{"rpa-network"}, "mem_limit": "512m", "env": both, "stream_output": true, "auto_remove": true,
			"volumes": []string{"/srv/shop/data:/data:ro", "cache:/cache", "/var/x:/x"},
		}},
		"kubernetes": {all + "pools: {container: {type: kubernetes}}\n", map[string]any{
			"image": image, "image_pull_policy": "Always", "memory_limit": "512Mi", "env": env, "stream_output": true,
		}},
		"the user's own": {"kinds: [container]\njob_variables: {image: mine, mem_limit: 1g}\nmemory: 2g\n", map[string]any{"image": "mine", "mem_limit": "1g", "env": inside, "auto_remove": true}},
		"one flow's":     {"kinds: [container]\nmemory: 1g\nflows: {first: {memory: 5b, +volumes: [a:/a]}}\n", map[string]any{"image": image, "mem_limit": "5b", "volumes": []string{"a:/a"}, "env": inside, "auto_remove": true}},
	} {
		got := one(t, test.settings)
		if diff := cmp.Diff(test.want, got.JobVariables); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if got.Name != "first-container-dev" || got.Pool.Name != "shop-dev-containers" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	for in, want := range map[string]string{"512m": "512Mi", "2g": "2Gi", "64k": "64Ki", "100b": "100"} {
		got := one(t, fmt.Sprintf("kinds: [container]\nmemory: %s\npools: {container: {type: kubernetes}}\n", in)).JobVariables["memory_limit"]
		if got != want {
			t.Errorf("%s is %v, want %s", in, got, want)
		}
	}
}

// Names, pools and places of one flow alone.
func TestPerFlow(t *testing.T) {
	t.Parallel()
	env := environment(t, `
prefix: "me-"
suffix: -x
naming: "{project}-{flow}-{env}"
pools: {python: {queue: slow}}
pause_schedules: true
schedules: [{interval: 60}]
flows:
  first: {naming: "{flow}", pools: {python: {name: big}}, pause_schedules: false}
  second-one: {environments: [prod, dev]}
`)
	var got []string
	for _, d := range render.Deployments(env, flows, options) {
		got = append(got, fmt.Sprint(d.Name, " ", d.Pool, " ", d.Schedules[0]["active"]))
	}
	want := []string{"me-first-x {big process slow} <nil>", "me-shop-second-one-dev-x {shop-dev process slow} false"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if env.Scope() != "dev-me-x" {
		t.Error(env.Scope())
	}
	if diff := cmp.Diff(map[string]string{"shop-dev": "process", "big": "process"}, pool.Types(env)); diff != "" {
		t.Error(diff)
	}
	mixed := environment(t, "kinds: [python]\nflows: {first: {kinds: [container]}}\n")
	if diff := cmp.Diff([]kind.Kind{kind.Container, kind.Python}, mixed.AllKinds()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]kind.Kind{kind.Python}, mixed.Without("container").AllKinds()); diff != "" {
		t.Error(diff)
	}
}
