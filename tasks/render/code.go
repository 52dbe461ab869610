package render

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"strings"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/kind"
)

// steps is where Prefect's own pull steps live.
const steps = "prefect.deployments.steps."

func step(name string, arguments map[string]any) []map[string]any {
	return []map[string]any{{steps + name: arguments}}
}

// ImageRoot is the folder of the code in images.
const ImageRoot = "/opt/flows"

// inImage leads to the code that an image brings along.
func inImage() []map[string]any {
	return step("set_working_directory", map[string]any{"directory": ImageRoot})
}

// pull gives the step that leads a worker to the flow's code.
func pull(code config.Code, f flow.Flow, o Options) []map[string]any {
	switch {
	case code.Git != nil:
		return clone(*code.Git, o.Commits[f.Entrypoint], o.Remote)
	case code.Remote != nil:
		arguments := maps.Clone(code.Remote.Settings)
		if arguments == nil {
			arguments = map[string]any{}
		}
		arguments["url"] = code.Remote.URL
		return step("pull_from_remote_storage", arguments)
	case code.Block != "":
		slug, name, _ := strings.Cut(code.Block, "/")
		return step("pull_with_block", map[string]any{"block_type_slug": slug, "block_document_name": name})
	default:
		return step("set_working_directory", map[string]any{"directory": code.Directory})
	}
}

// clone gives a git_clone step. It names the flow's own last commit, so that a commit elsewhere in the repository changes nothing; Prefect
// takes a branch or a commit, not both.
func clone(g config.Git, commit, remote string) []map[string]any {
	arguments := map[string]any{"repository": cmp.Or(g.Repository, remote)}
	if g.Pin != "branch" && commit != "" {
		arguments["commit_sha"] = commit
	} else if g.Branch != "" {
		arguments["branch"] = g.Branch
	}
	if g.Submodules != nil && *g.Submodules {
		arguments["include_submodules"] = true
	}
	if slug, name, ok := strings.Cut(g.Credentials, "/"); ok {
		key := "credentials"
		if slug == "secret" {
			key = "access_token"
		}
		arguments[key] = "{{ prefect.blocks." + slug + "." + name + " }}"
	}
	return step("git_clone", arguments)
}

// inContainer adds what a container needs to its job variables, in the words of the pool's type. What the user's own job variables say
// stays.
func inContainer(job map[string]any, s config.Settings, code config.Code, pool, image, user string) {
	set := func(key string, value any, wanted bool) {
		if _, own := job[key]; wanted && !own {
			job[key] = value
		}
	}
	c := s.Container
	set("image", image, image != "")
	set("image_pull_policy", c.Image.Pull, c.Image.Pull != "")
	if pool == kind.KubernetesPool {
		set("memory_limit", kubernetesMemory(c.Memory), c.Memory != "")
		return
	}
	set("networks", c.Networks, len(c.Networks) > 0)
	set("volumes", Volumes(c.Volumes, code.Directory), len(c.Volumes) > 0)
	set("mem_limit", c.Memory, c.Memory != "")
	set("auto_remove", true, true)
	set("container_create_kwargs", map[string]any{"user": user}, user != "")
	inheritNoHome(job)
}

// inheritNoHome gives Prefect in the container a folder of its own: a Docker worker passes its own settings on, and its home does not exist
// there. (Prefect: prefect_docker/worker.py.)
func inheritNoHome(job map[string]any) {
	env, ok := job["env"].(map[string]any)
	if !ok {
		env = map[string]any{}
	}
	for name, value := range map[string]string{"PREFECT_HOME": "/tmp/prefect", "PREFECT_PROFILES_PATH": "/tmp/prefect/profiles.toml"} {
		if _, own := env[name]; !own {
			env[name] = value
		}
	}
	job["env"] = env
}

// kubernetesMemory writes Docker's units, which are powers of 1024, as Kubernetes does.
func kubernetesMemory(s string) string {
	s, bytes := strings.CutSuffix(s, "b")
	if bytes || s == "" {
		return s
	}
	return s[:len(s)-1] + strings.ToUpper(s[len(s)-1:]) + "i"
}

// Volumes makes the host's side of each absolute; names of volumes stay.
func Volumes(list []string, root string) []string {
	out := make([]string, 0, len(list))
	for _, v := range list {
		if strings.HasPrefix(v, ".") && root != "" {
			host, rest, _ := strings.Cut(v, ":")
			v = path.Join(root, host) + ":" + rest
		}
		out = append(out, v)
	}
	return out
}

// Dockerfile is the template for flows that have no Dockerfile.
const Dockerfile = "Dockerfile.tmpl"

// BaseImage is what the built-in Dockerfile starts from, where the settings name nothing else.
const BaseImage = "python:3.12-slim"

// Image is what the template of a Dockerfile sees.
type Image struct {
	Flow         string   // its name
	Base         string   // the image to start from
	Root         string   // the folder of the code
	Files        []string // files and folders of the code, from the repository's root
	Requirements []string // requirements files
	Volumes      []string // folders that volumes are mounted on
}

// Docker writes a Dockerfile through the template Dockerfile.tmpl, the user's own or the built-in one (see [Execute]).
func Docker(own, builtIn fs.FS, i Image) ([]byte, error) { return Execute(own, builtIn, Dockerfile, i) }

// Whole writes the Dockerfile that Prefect's own build step makes when it is told none: everything in the folder, below /opt/prefect.
// (Prefect: prefect_docker/deployments/steps.py.)
func Whole(folder string, requirements bool) []byte {
	root := "/opt/prefect/" + folder + "/"
	text := "FROM prefecthq/prefect:" + PrefectVersion + "-python3.12\n"
	if requirements {
		text += fmt.Sprintf("COPY requirements.txt %[1]srequirements.txt\nRUN uv pip install -r %[1]srequirements.txt\n", root)
	}
	return fmt.Appendf(nil, "%sCOPY . %s\nWORKDIR %[2]s\n", text, root)
}
