package manifest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/finding"
)

// pullStep is one of Prefect's own steps as a worker calls it: a Python function, for which a wrong input is the end of every run.
type pullStep struct {
	needs, takes []string
	any          bool     // it hands further inputs on
	gives        []string // its outputs
}

// pullSteps gives Prefect's own steps by name (Prefect 3.9.1: deployments/steps/pull.py, utility.py; releases before know a part of the inputs).
func pullSteps() map[string]pullStep {
	folder, printed := []string{"directory"}, []string{stdout, stderr}
	return map[string]pullStep{
		"git_clone": {
			needs: []string{"repository"},
			takes: []string{"branch", "commit_sha", "include_submodules", "access_token", "credentials", "directories", "clone_directory_name"}, gives: folder,
		},
		"set_working_directory":    {needs: folder, gives: folder},
		"pull_from_remote_storage": {needs: []string{"url"}, any: true, gives: folder},
		"pull_with_block":          {needs: []string{"block_document_name", "block_type_slug"}, gives: folder},
		shellScript:                {needs: []string{"script"}, takes: []string{"directory", "env", "stream_output", "expand_env_vars", "shell"}, gives: printed},
		"pip_install_requirements": {takes: []string{"directory", "requirements_file", "stream_output"}, gives: printed},
	}
}

// pullWhere begins what a pull step is called.
const pullWhere = "the pull step "

// pullStepOf gives one of Prefect's own steps by its function, which may be named with the module that it stands in.
func pullStepOf(function string) (name string, s pullStep, ours bool) {
	name, ours = strings.CutPrefix(function, stepsHome)
	for _, inner := range []string{"pull.", "utility."} {
		name = strings.TrimPrefix(name, inner)
	}
	s, known := pullSteps()[name]
	return name, s, ours && known
}

// inputs judges those of a step that a worker calls.
func (r *reader) inputs(s step) {
	name, called, ours := pullStepOf(s.function)
	if !ours {
		return
	}
	given := map[string]bool{}
	handlers := map[string]func(*yaml.Node){}
	for _, input := range slices.Concat(called.needs, called.takes, []string{"id", "requires"}) {
		handlers[input] = func(v *yaml.Node) { given[input] = v.Tag != document.Null }
	}
	if called.any {
		for _, e := range document.Entries(s.inputs, nil, nil) {
			if handlers[e.Name] == nil {
				handlers[e.Name] = func(*yaml.Node) {}
			}
		}
	}
	r.known(s.inputs, pullWhere+name, handlers)
	for _, input := range called.needs {
		if !given[input] {
			r.Fail(s.key, input, "step-input", fmt.Sprintf("add `%s: …`", input), "%s%s has no %s: every run would fail at it", pullWhere, name, input)
		}
	}
	if given["access_token"] && given["credentials"] {
		r.Fail(s.key, "credentials", "step-input", "remove one of them", "%s%s has both access_token and credentials: every run would fail at it", pullWhere, name)
	}
}

// pulled gives pull steps with what is known now filled in, and judges what the others refer to.
func (r *resolving) pulled(list []map[string]any) []map[string]any {
	out := slices.Clone(list)
	for i, s := range list {
		r.earlier = list[:i]
		out[i] = r.mapping(s, "pull")
	}
	r.earlier = nil
	return out
}

// pullReference judges a placeholder of a pull step, which stands for what a step before it gives out. On the worker one that nobody fills in becomes
// nothing, and its input is left out.
func (r *resolving) pullReference(name, key string) {
	if _, made := producer(name, r.known); made || left(name) {
		return
	}
	head, output, parted := strings.Cut(name, ".")
	if strings.HasSuffix(key, ".script") && (!parted || head == "") { // a shell's or Go's own templates may stand there
		return
	}
	outputs := map[string][]string{} // by id
	for _, s := range r.earlier {
		for function, inputs := range s {
			_, called, ours := pullStepOf(function)
			if !ours { // it may give out anything
				return
			}
			if slices.Contains(called.gives, name) {
				return
			}
			if id := idOf(inputs); id != "" {
				outputs[id] = called.gives
			}
		}
	}
	gives, there := outputs[head]
	if there && slices.Contains(gives, output) {
		return
	}
	ids := slices.Sorted(maps.Keys(outputs))
	fix := finding.Suggest(head, ids, "", fmt.Sprintf("give the step that it is about `id: %s`, before this one", head))
	if there {
		fix = fmt.Sprintf("write {{ %s.%s }}", head, gives[0])
	} else if !parted {
		fix = fmt.Sprintf("write {{ $%s }} for a variable of the worker's environment, or {{ ID.directory }} for the folder of an earlier step", name)
	}
	r.report(finding.Error, key, "step-output", fix, fmt.Sprintf("a pull step refers to %s, which no step before it gives out: the input would be left out", name))
}

// idOf gives the id that a step's inputs name.
func idOf(inputs any) string {
	m, _ := inputs.(map[string]any)
	id, _ := m["id"].(string)
	return id
}
