package manifest_test

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/prerequisite"
)

const pulls = "deployments:\n- name: nightly\n  entrypoint: flows/a.py:a\n  work_pool: {name: robots}\n  pull:\n"

// Inputs that a step of Prefect's does not have, or lacks, end every run; so does nothing that a step gives out.
func TestPullSteps(t *testing.T) {
	t.Parallel()
	const home = "  - prefect.deployments.steps."
	for name, test := range map[string]struct {
		steps string
		want  []string
	}{
		"all is well": {home + "git_clone: {repository: r, id: clone-step, branch: main}\n" + home + "pip_install_requirements: {directory: '{{ clone-step.directory }}'}\n" +
			home + "set_working_directory: {directory: '{{ directory }}/jobs'}\n", nil},
		"inputs that are not there": {home + "git_clone:\n      repository: r\n      include_submodule: true\n      acces_token: '{{ $TOKEN }}'\n" +
			home + "pip_install_requirements:\n      requirement_file: r.txt\n" + home + "run_shell_script:\n      scrpt: echo hi\n", []string{
			`8 key-unknown did you mean "include_submodules"?`, `9 key-unknown did you mean "access_token"?`, `11 key-unknown did you mean "requirements_file"?`,
			`13 key-unknown did you mean "script"?`, "12 step-input add `script: …`",
		}},
		"with the module": {home + "utility.run_shell_script: {}\n" + home + "pull.git_clone: {repo: r}\n", []string{
			"6 step-input add `script: …`", `7 key-unknown known keys are`, "7 step-input add `repository: …`",
		}},
		"null is none":             {home + "set_working_directory: {directory: null}\n", []string{"6 step-input add `directory: …`"}},
		"two ways in":              {home + "git_clone: {repository: r, access_token: x, credentials: '{{ prefect.blocks.github-credentials.a }}'}\n", []string{"6 step-input remove one of them"}},
		"storage takes anything":   {home + "pull_from_remote_storage: {url: 's3://a', key: k, anything: 1}\n", nil},
		"but needs its address":    {home + "pull_from_remote_storage: {key: k}\n", []string{"6 step-input add `url: …`"}},
		"a block":                  {home + "pull_with_block: {block_document_name: a}\n", []string{"6 step-input add `block_type_slug: …`"}},
		"a merged mapping":         {"  - &c\n    prefect.deployments.steps.git_clone: &in {repository: r}\n" + home + "git_clone: {<<: *in, branch: b}\n", nil},
		"a step of somebody":       {"  - house.steps.fetch: {anything: 1}\n" + home + "set_working_directory: {directory: '{{ whatever }}/{{ house.folder }}'}\n", nil},
		"no step with that id":     {home + "pip_install_requirements: {directory: '{{ clone-step.directory }}'}\n", []string{"6 step-output give the step that it is about `id: clone-step`, before this one"}},
		"a typo in the id":         {home + "git_clone: {repository: r, id: clone}\n" + home + "set_working_directory: {directory: '{{ clonne.directory }}'}\n", []string{`7 step-output did you mean "clone"?`}},
		"a step further down":      {home + "set_working_directory: {directory: '{{ clone.directory }}'}\n" + home + "git_clone: {repository: r, id: clone}\n", []string{"6 step-output give the step that it is about `id: clone`"}},
		"another output":           {home + "git_clone: {repository: r, id: clone}\n" + home + "set_working_directory: {directory: '{{ clone.path }}'}\n", []string{"7 step-output write {{ clone.directory }}"}},
		"no output of that name":   {home + "set_working_directory: {directory: '{{ HOME }}'}\n", []string{"6 step-output write {{ $HOME }}"}},
		"the worker's variables":   {home + "set_working_directory: {directory: '{{ $SRV }}/{{ prefect.variables.folder }}'}\n", nil},
		"templates of other tools": {home + "run_shell_script: {script: 'docker ps --format \"{{ .Names }}\"; echo {{ x }}'}\n", nil},
		"the output of a build step": {"  - prefect.deployments.steps.set_working_directory: {directory: '/srv/{{ commit.stdout }}'}\n" +
			"  build:\n" + home + "run_shell_script: {id: commit, script: git rev-parse HEAD}\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, findings := manifest.Parse("prefect.yaml", []byte(pulls+test.steps))
			_, more := m.Resolve(func(string) (string, bool) { return "", false })
			var got []string
			for i, f := range append(findings, more...) {
				said := fmt.Sprintf("%d %s %s", f.Position.Line, f.Code, f.Fix)
				if i < len(test.want) && strings.HasPrefix(said, test.want[i]) {
					said = test.want[i]
				}
				got = append(got, said)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// The inputs of Prefect's own steps are those of its functions.
func TestPullStepsAsPrefect(t *testing.T) {
	t.Parallel()
	const ask = `import inspect, json, prefect.deployments.steps as s
print(json.dumps({n: [[p.name, p.kind.name, p.default is p.empty] for p in inspect.signature(f).parameters.values()]
  for n, f in vars(s).items() if inspect.isroutine(f) and n != "run_step"}))`
	out, err := exec.CommandContext(t.Context(), prerequisite.Python(t), "-W", "ignore", "-c", ask).Output()
	if err != nil {
		t.Fatal(err)
	}
	var functions map[string][][3]any
	if err := json.Unmarshal(out, &functions); err != nil || len(functions) < 6 {
		t.Fatalf("%d steps: %v", len(functions), err)
	}
	for name, inputs := range functions {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			codes := func(given ...string) (out []string) {
				inputs := ""
				if len(given) > 0 {
					inputs = strings.Join(given, ": x, ") + ": x"
				}
				_, findings := manifest.Parse("prefect.yaml", []byte(pulls+"  - prefect.deployments.steps."+name+": {"+inputs+"}\n"))
				for _, f := range findings {
					out = append(out, f.Code+" "+f.Position.Key)
				}
				return out
			}
			var needs []string
			for _, input := range inputs {
				if input[2] == true && input[1] == "POSITIONAL_OR_KEYWORD" {
					needs = append(needs, input[0].(string))
				}
			}
			if got := codes(needs...); len(got) > 0 {
				t.Errorf("with what it needs: %v", got)
			}
			for _, input := range inputs {
				word := input[0].(string)
				if input[1] != "POSITIONAL_OR_KEYWORD" {
					if got := codes(append(needs, "anything")...); len(got) > 0 {
						t.Errorf("it takes anything: %v", got)
					}
					continue
				}
				got := strings.Join(codes(word), " ")
				if strings.Contains(got, "key-unknown") || strings.Contains(got, "step-input "+word) {
					t.Errorf("%s: %s", word, got)
				}
			}
			if got := codes(); len(got) != len(needs) {
				t.Errorf("it needs %v, and without is told %v", needs, got)
			}
		})
	}
}
