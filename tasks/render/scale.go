package render

import (
	"cmp"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/pattern"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/credential"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/pool"
)

// File is a rendered file: its slash-separated path below the folder for rendered files, and its content.
type File struct {
	Path string
	Data []byte
}

// scaleFolder holds the templates, built in or the user's own, of files for a server on several machines.
const scaleFolder = "scale"

// worker is what a template sees of the workers of one pool.
type worker struct {
	Name string // for the container: worker-process, worker-docker, a second one worker-process-2
	Pool string
	Type string // of the pool
}

// spread is the dot of the templates in scale/.
type spread struct {
	config.Scale
	Project, Env   string
	Label          string            // project and environment as a DNS label
	URL            string            // where the API is reached from outside
	Host           string            // of the URL, if it is a name that an ingress can serve
	Code           string            // the folder where process workers find the flows; empty when each run fetches them
	Checkout       string            // the folder of a worker that runs without a container: Code, or one that its host must have
	Workers        []worker          // for pools that this kind of file can have workers for
	Replicas       int               // of each of them
	ServerSettings map[string]string // settings of the server's processes, without the database's and secrets
	WorkerSettings map[string]string // settings of workers, without address and secrets
}

// Spread writes the files that run the environment's Prefect server on several machines: for Compose, for Kubernetes, and the image that
// both use, with the packages that the flows want; and a unit of systemd for workers on hosts of their own. Each template can be replaced by one of the same name below templates/scale/ in
// own. No password is in any of them. A fault in a template or a setting that can't be rendered is a *fault.Error.
func Spread(own, builtIn fs.FS, env config.Env, packages []string) ([]File, error) {
	dot, err := spreadOf(env)
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(builtIn, scaleFolder+"/*.tmpl")
	more, wrong := fs.Glob(builtIn, scaleFolder+"/*/*.tmpl")
	if err = cmp.Or(err, wrong); err != nil {
		return nil, fmt.Errorf("the built-in templates: %w", err)
	}
	var out []File
	for _, name := range slices.Concat(names, more) {
		dot.Workers = workersOf(env, path.Base(path.Dir(name)) == kind.KubernetesPool)
		data, err := Execute(own, builtIn, name, dot)
		if err != nil {
			return nil, err
		}
		out = append(out, File{strings.TrimSuffix(strings.TrimPrefix(name, scaleFolder+"/"), ".tmpl"), data})
	}
	for _, name := range []string{"scale.lock", "prepare.py"} {
		data, err := fs.ReadFile(builtIn, "python/"+name)
		if err != nil {
			return nil, fmt.Errorf("the built-in files: %w", err)
		}
		out = append(out, File{name, data})
	}
	return append(out, File{"flows.txt", []byte("# What the flows need beside Prefect.\n" + strings.Join(append(slices.Clone(packages), ""), "\n"))}), nil
}

// plainPath is a path that Dockerfiles, Compose and Kubernetes all take as it is.
var plainPath = pattern.New(`^/[^\s$"'\\:]*$`)

func spreadOf(env config.Env) (spread, error) {
	s := ScaleOf(env)
	out := spread{
		Scale: s, Project: env.Project, Env: env.Name, Label: Label(env), Replicas: *s.Workers, Code: env.Code.Directory,
		Checkout: cmp.Or(env.Code.Directory, "/srv/"+Label(env)),
		URL:      cmp.Or(env.Server.URL, fmt.Sprintf("http://localhost:%d/api", s.Port)), ServerSettings: serverSettings(), WorkerSettings: workerSettings(),
	}
	if out.Code != "" && !plainPath.MatchString(out.Code) {
		return spread{}, &fault.Error{
			Code: fault.Findings, What: fmt.Sprintf("code.directory is no path for a container: %q", out.Code), Where: env.Origin("code.directory").String(),
			Why: "it must start with / and hold no blanks, quotes, colons, $ or backslashes", Next: "name a folder such as /srv/" + env.Project,
		}
	}
	if u, err := url.Parse(env.Server.URL); err == nil && net.ParseIP(u.Hostname()) == nil && !credential.Loopback(u.Hostname()) {
		out.Host = u.Hostname()
	}
	return out, nil
}

// workersOf gives workers for the environment's pools: on Kubernetes there is no Docker, and Compose knows no Kubernetes.
func workersOf(env config.Env, onKubernetes bool) []worker {
	foreign := kind.KubernetesPool
	if onKubernetes {
		foreign = kind.DockerPool
	}
	pools, _ := pool.Stated(env) // what is wrong with them is told elsewhere
	seen := map[string]int{}
	var out []worker
	for _, p := range pools {
		if p.Type == foreign {
			continue
		}
		seen[p.Type]++
		name := "worker-" + strings.ReplaceAll(p.Type, "_", "-")
		if seen[p.Type] > 1 {
			name += fmt.Sprintf("-%d", seen[p.Type])
		}
		out = append(out, worker{name, p.Name, p.Type})
	}
	return out
}

// serverSettings is what makes several processes one server (Prefect: advanced/self-hosted). The database is prepared before they
// start, because two that register blocks in an empty one at the same time fail.
func serverSettings() map[string]string {
	return map[string]string{
		"PREFECT_SERVER_DATABASE_MIGRATE_ON_START": "false",
		"PREFECT_SERVER_REGISTER_BLOCKS_ON_START":  "false",
		"PREFECT_SERVER_EVENTS_MESSAGING_BROKER":   "prefect_redis.messaging",
		"PREFECT_SERVER_EVENTS_MESSAGING_CACHE":    "prefect_redis.messaging",
		"PREFECT_SERVER_EVENTS_CAUSAL_ORDERING":    "prefect_redis.ordering",
		"PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect_redis.lease_storage",
		"PREFECT_REDIS_MESSAGING_HOST":             "redis",
		"PREFECT_REDIS_MESSAGING_PORT":             "6379",
		"PREFECT_REDIS_MESSAGING_DB":               "0",
		"PREFECT_SERVER_DOCKET_URL":                "redis://redis:6379/4",
	}
}

// workerSettings let a dead worker be noticed within 90 seconds: runs of flows give a sign of life twice a minute.
func workerSettings() map[string]string {
	return map[string]string{"PREFECT_WORKER_QUERY_SECONDS": "5", "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30"}
}

// composed writes a value for a Compose file, where $ starts a variable.
func composed(v any) (string, error) {
	text, err := inline(v)
	return strings.ReplaceAll(text, "$", "$$"), err
}

// argument makes a text mean itself among the arguments of a container on Kubernetes, where $(NAME) stands for a variable.
func argument(text string) string { return strings.ReplaceAll(text, "$(", "$$(") }

// unit makes a text mean itself in a unit of systemd, where % starts a name.
func unit(text string) string { return strings.ReplaceAll(text, "%", "%%") }

// shell makes a text one word of a shell's command line.
func shell(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
