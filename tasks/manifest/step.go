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

// Step is what happens before a deployment is written: a shell script, prefect.deployments.steps.run_shell_script among the build and push
// steps, or an image that is built or pushed. Its inputs may refer to the outputs of steps before it.
type Step struct {
	ID        string // by which placeholders name its outputs; may be empty
	Script    string // each line is a command of its own
	Directory string // where it runs; empty: where the command runs
	Env       map[string]string
	Stream    bool       // its output is shown while it runs
	Expand    bool       // expand_env_vars
	Shell     bool       // lines are for the system's shell; otherwise words are parted here and nothing is interpreted
	Image     *ImageStep // instead of a script
	Secret    bool       `json:",omitempty"` // what it gives out is secret: it is not shown while it runs
	Position  finding.Position
}

// each gives the step with a function applied to its texts.
func (s Step) each(fill func(text, key string) string) Step {
	s.Script, s.Directory, s.Env = fill(s.Script, "script"), fill(s.Directory, "directory"), maps.Clone(s.Env)
	for _, name := range slices.Sorted(maps.Keys(s.Env)) {
		s.Env[name] = fill(s.Env[name], "env."+name)
	}
	if s.Image != nil {
		s.Image = s.Image.each(fill)
	}
	return s
}

// Where Prefect's own steps live, and where Prefect 2 had them.
const (
	stepsHome   = "prefect.deployments.steps."
	stepsBefore = "prefect.projects.steps."
	stepsDocker = "prefect_docker.deployments.steps."
	shellScript = "run_shell_script"
	shellStep   = "a shell step"
)

// own are Prefect's steps.
func own() []string {
	return []string{"git_clone", "pip_install_requirements", "pull_from_remote_storage", "pull_with_block", shellScript, "set_working_directory"}
}

// renamed gives the name of today for one of Prefect 2's steps, which Prefect 3 can't load.
func renamed(function string) string {
	name, old := strings.CutPrefix(function, stepsBefore)
	if !old {
		name = strings.TrimPrefix(function, stepsHome)
	}
	if name == "git_clone_project" {
		name = "git_clone"
	}
	return stepsHome + name
}

// step is one item of a list of steps.
type step struct {
	function string
	key      *yaml.Node
	inputs   *yaml.Node
}

// stepList reads a list of steps, or one step alone. What Prefect passes over, such as {}, is left out.
func (r *reader) stepList(n *yaml.Node, key string) []step {
	if n.Tag == document.Null {
		return nil
	}
	items, _ := r.stepMappings(n, key)
	out := make([]step, 0, len(items))
	for _, c := range items {
		entries := r.entries(c)
		if len(entries) > 1 {
			r.Fail(entries[1].Key, key, "step-form", "indent the inputs below the function, and start each step with its own `-`",
				"a step has one key, its function; besides %q there is %q", entries[0].Key.Value, entries[1].Key.Value)
			continue
		}
		for _, e := range entries {
			if s := (step{e.Name, e.Key, e.Value}); r.stepForm(s, key) {
				out = append(out, s)
			}
		}
	}
	return out
}

// stepMappings gives the mappings of a list of steps, or a step that stands alone. Where anything else is among them Prefect drops the whole file,
// and fine is false.
func (r *reader) stepMappings(n *yaml.Node, key string) (items []*yaml.Node, fine bool) {
	switch n.Kind {
	case yaml.MappingNode:
		return []*yaml.Node{n}, true
	case yaml.SequenceNode:
	default:
		r.drop(n, key, wrongType, "write a list of steps", "%s must be a list of steps, this is %s", key, document.Kind(n))
		return nil, false
	}
	fine = true
	for _, c := range n.Content {
		if c = document.Target(c); c.Kind != yaml.MappingNode {
			r.drop(c, key, "step-form", "write `- prefect.deployments.steps.…: {…}`", "a step must be a mapping from its function to the inputs, this is %s", document.Kind(c))
			fine = false
			continue
		}
		items = append(items, c)
	}
	return items, fine
}

// stepForm judges what holds for steps everywhere, on the worker too.
func (r *reader) stepForm(s step, key string) bool {
	name, ours := strings.CutPrefix(s.function, stepsHome)
	switch {
	case s.inputs.Kind != yaml.MappingNode:
		r.Fail(s.inputs, key, "step-form", "write `- "+s.function+": {name: value}`", "the inputs of a step must be a mapping, this is %s", document.Kind(s.inputs))
	case strings.HasPrefix(s.function, stepsBefore), name == "git_clone_project":
		r.Fail(s.key, key, "step-legacy", fmt.Sprintf("write %q", renamed(s.function)), "%q is a step of Prefect 2; Prefect 3 can't load it, and every run would crash", s.function)
	case ours && !strings.Contains(name, ".") && !slices.Contains(own(), name):
		r.Fail(s.key, key, "step-unknown", finding.Suggest(name, own(), stepsHome, "there are "+strings.Join(own(), ", ")), "Prefect has no step %q", s.function)
	default:
		return true
	}
	return false
}

// pull reads the steps of the worker. declared is false for what Prefect takes as not written: null and {}.
func (r *reader) pull(n *yaml.Node) (steps []map[string]any, declared bool) {
	if n.Tag == document.Null || n.Kind == yaml.MappingNode && len(n.Content) == 0 {
		return nil, false
	}
	list := r.stepList(n, "pull")
	steps = make([]map[string]any, 0, len(list))
	defer r.inInputs()()
	for _, s := range list {
		r.inputs(s)
		steps = append(steps, map[string]any{s.function: r.object(s.inputs, "pull")})
	}
	return steps, true
}

// steps reads build or push steps: shell scripts and images. Any other step would need Python, and is told by name.
func (r *reader) steps(n *yaml.Node, key string) []Step {
	var out []Step
	list := r.stepList(n, key)
	defer r.inInputs()()
	for _, s := range list {
		switch name := strings.TrimPrefix(s.function, stepsHome); {
		case name == shellScript || name == "utility."+shellScript:
			out = append(out, r.shellStep(s))
		case s.function == stepsDocker+buildImage, s.function == stepsDocker+pushImage:
			out = append(out, r.imageStep(s, strings.TrimPrefix(s.function, stepsDocker)))
		default:
			r.Fail(s.key, key, "step-unsupported", "use "+stepsHome+shellScript+", or deploy this file with `prefect deploy`",
				"%s: the step %q can't run here, where there is no Python; only shell scripts and those of prefect_docker can", key, s.function)
		}
	}
	return out
}

func (r *reader) shellStep(s step) Step {
	out := Step{Stream: true, Position: r.At(s.key, "")}
	given := false // as something else than a text, which has been told
	r.known(s.inputs, shellStep, map[string]func(*yaml.Node){
		"id":              func(v *yaml.Node) { out.ID = r.text(v, "id") },
		"script":          func(v *yaml.Node) { out.Script, given = r.text(v, "script"), v.Tag != textTag },
		"directory":       func(v *yaml.Node) { out.Directory = deref(r.optionalText(v, "directory")) },
		"env":             func(v *yaml.Node) { out.Env = r.environment(v) },
		"stream_output":   func(v *yaml.Node) { out.Stream = r.flag(v, "stream_output") },
		"expand_env_vars": func(v *yaml.Node) { out.Expand = r.flag(v, "expand_env_vars") },
		"shell":           func(v *yaml.Node) { out.Shell = r.flag(v, "shell") },
		"requires": func(v *yaml.Node) {
			r.Fail(v, "requires", "step-requires", "remove it, and have what the script needs installed before", "a shell step can't install Python packages here")
		},
	})
	if strings.TrimSpace(out.Script) == "" && !given {
		r.Fail(s.key, "script", "step-script", "add `script: …`", "a shell step has no script")
	}
	return out
}

// environment reads variables of a process: texts, since Python refuses to start one with anything else.
func (r *reader) environment(n *yaml.Node) map[string]string {
	if n.Tag == document.Null {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		r.Fail(n, "env", wrongType, "write a mapping: {NAME: value}", "env must be a mapping, this is %s", document.Kind(n))
		return nil
	}
	out := map[string]string{}
	for _, e := range r.entries(n) {
		out[e.Name] = r.text(e.Value, "env."+e.Name)
	}
	return out
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
