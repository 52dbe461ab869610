package check

import (
	"cmp"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/credential"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/kind"
)

// Clone is what git says of the flows' code, for environments whose workers clone it.
type Clone struct {
	Remote   string            // the address of origin, "" without one
	Commits  map[string]string // the commits that last touched the flows' files, by entrypoint
	Unpushed map[string]bool   // commits that the remote does not have
	Changed  []string          // files with changes in no commit; folders with a slash behind them
	NoBranch map[string]bool   // branches that are not known of the remote
	Shallow  bool              // only the newest commits are here
	Prefix   string            // where the repository's root lies in what is cloned
	Problem  error             // git could not be asked
}

// Code checks that workers can reach the code of the flows' python deployments from where they run. clone is only looked at when they
// clone it.
func Code(env config.Env, flows []flow.Flow, clone Clone) finding.List {
	places := sources(env, flows)
	lists := make([]finding.List, 0, len(places))
	for _, g := range places {
		found := g.check(env, clone)
		if len(g.flows) < len(flows) {
			found = g.each(found)
		}
		lists = append(lists, found)
	}
	return slices.Concat(lists...)
}

// each tells the errors about the place for each of its flows: the code of others is elsewhere, and they can be deployed.
func (s *source) each(list finding.List) finding.List {
	out := make(finding.List, 0, len(list))
	for _, x := range list {
		if x.Subject != "" || x.Severity != finding.Error {
			out = append(out, x)
			continue
		}
		for _, f := range s.flows {
			x.Subject, x.Scope = f.Name, finding.OfFlow(f.Entrypoint)
			out = append(out, x)
		}
	}
	return out
}

// source is a place where the code of some flows is.
type source struct {
	code  config.Code
	at    finding.Position // where it is set
	names []string         // of a flow by which the settings know it
	flows []*flow.Flow
}

// sources parts the flows with deployments that have no image by where their code is.
func sources(env config.Env, flows []flow.Flow) []*source {
	var out []*source
	for i, f := range flows {
		s := env.Settings(f.Names()...)
		if !s.Enabled || len(s.Imaged()) == len(s.Kinds) {
			continue
		}
		at := slices.IndexFunc(out, func(g *source) bool { return reflect.DeepEqual(g.code, s.Code) })
		if at < 0 {
			at, out = len(out), append(out, &source{code: s.Code, names: f.Names()})
		}
		out[at].flows = append(out[at].flows, &flows[i])
	}
	return out
}

func (s *source) check(env config.Env, clone Clone) finding.List {
	code := s.code
	switch {
	case code.Git != nil:
		s.at = env.FlowOrigin("code.git", s.names...).Keyed("code.git")
		return s.cloned(clone)
	case code.Missing() && env.CodePerFlow(): // else it is told with the settings
		f := env.CodeMissing()
		f.Subject, f.Scope = s.flows[0].Name, finding.OfFlow(s.flows[0].Entrypoint)
		return finding.List{f}
	case code.Remote != nil && (strings.HasPrefix(code.Remote.URL, "file://") || strings.HasPrefix(code.Remote.URL, "local://")):
		return finding.List{onlyHere(env.FlowOrigin("code.remote.url", s.names...).Keyed("code.remote.url"), code.Remote.URL)}
	case code.Directory != "" && env.FlowOrigin("code.directory", s.names...).IsDefault() && Elsewhere(env.Server.URL):
		return finding.List{catalogue.New("code-elsewhere", finding.Everything(), finding.Finding{
			Position: env.Origin("server.url").Keyed("server.url"),
			Message:  fmt.Sprintf("the code is in %s on this machine, but the server is another one", code.Directory),
			Fix:      "start the worker here, or say where workers find the code: docs/settings.md#where-the-code-is",
		})}
	default:
		return nil
	}
}

// Elsewhere tells whether an address is that of another machine.
func Elsewhere(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Hostname() != "" && !credential.Loopback(u.Hostname())
}

func onlyHere(at finding.Position, address string) finding.Finding {
	return catalogue.New("code-elsewhere", finding.Everything(), finding.Finding{
		Position: at, Message: address + " can be read on its own machine only",
		Why: "a worker on another machine does not find the code, and every run crashes", Fix: "name an address that workers can reach",
	})
}

// cloned checks a clone: its address, and that it holds each flow as it is here.
func (s *source) cloned(clone Clone) finding.List {
	g := *s.code.Git
	wrong := func(severity finding.Severity, message, why, fix string) finding.Finding {
		return catalogue.New("code-git", finding.Everything(), finding.Finding{Position: s.at, Message: message, Why: why, Fix: fix}).As(severity)
	}
	var out finding.List
	address := cmp.Or(g.Repository, clone.Remote)
	switch {
	case address == "":
		return append(out, wrong(finding.Error, "code.git names no repository, and there is no git remote origin", "workers would not know what to clone",
			"write repository: https://github.com/acme/robots.git"))
	case g.Credentials != "" && !strings.HasPrefix(address, "http"):
		out = append(out, wrong(finding.Error, "code.git has credentials, but "+address+" is no https address",
			"Prefect gives credentials to https addresses only; for others the worker's own SSH keys count", "write the https address, or remove credentials"))
	case strings.HasPrefix(address, "/"), strings.HasPrefix(address, "file://"):
		out = append(out, onlyHere(s.at, address))
	}
	if g.Pin == "branch" {
		return out
	}
	switch {
	case clone.Problem != nil:
		return append(out, wrong(finding.Error, fmt.Sprintf("the flows' commits can't be found: %v", clone.Problem), "deployments name the commit that runs clone",
			"deploy from a clone of the repository, or write pin: branch"))
	case clone.Prefix != "":
		return append(out, wrong(finding.Error, "flows and settings lie in the folder "+clone.Prefix+" of the repository", "runs start at its top, where the entrypoints don't exist",
			"keep flows and settings at the top of the repository"))
	case clone.NoBranch[g.Branch]:
		return append(out, wrong(finding.Error, "the remote has no branch "+g.Branch+", as far as is known here", "workers would not find the commits there",
			"git fetch, or correct code.git.branch"))
	case clone.Shallow:
		out = append(out, wrong(finding.Warning, "this clone holds only the newest commits", "flows look as if the oldest of these had changed them, and are updated without need",
			"git fetch --unshallow; on GitHub Actions: fetch-depth: 0"))
	}
	for _, f := range s.flows {
		out = append(out, committed(f, clone)...)
	}
	return out
}

// committed checks that what a worker clones is the flow as it is here.
func committed(f *flow.Flow, clone Clone) finding.List {
	wrong := func(code, message, why string) finding.List {
		return finding.List{catalogue.New(code, finding.OfFlow(f.Entrypoint), finding.Finding{
			Subject: f.Name, Position: finding.Position{File: f.File, Line: f.Line}, Message: message, Why: why, Fix: "commit and push it",
		})}
	}
	for _, file := range f.Files {
		if slices.ContainsFunc(clone.Changed, func(changed string) bool {
			return changed == file || strings.HasSuffix(changed, "/") && strings.HasPrefix(file, changed)
		}) {
			return wrong("code-uncommitted", file+" has changes that are in no commit", "workers would run it as it was committed last")
		}
	}
	commit := clone.Commits[f.Entrypoint]
	switch {
	case commit == "":
		return wrong("code-uncommitted", "it is in no commit", "")
	case clone.Unpushed[commit]:
		return wrong("code-unpushed", fmt.Sprintf("the commit %s, which changed it last, is not on the remote", commit[:min(9, len(commit))]), "")
	default:
		return nil
	}
}

// containers checks what containers can't do where they run.
func containers(env config.Env, f flow.Flow, s config.Settings) finding.List {
	imaged := s.Imaged()
	if !s.Enabled || len(imaged) == 0 {
		return nil
	}
	in := func(poolType string) bool {
		return slices.ContainsFunc(imaged, func(k kind.Kind) bool { return s.Pools[k].Type == poolType })
	}
	wrong := func(key, message, why, fix string) finding.Finding {
		return catalogue.New("container-setting", finding.OfFlow(f.Entrypoint), finding.Finding{
			Position: env.FlowOrigin(key, f.Names()...).Keyed(key), Subject: f.Name, Message: message, Why: why, Fix: fix,
		})
	}
	var out finding.List
	for _, v := range s.Container.Volumes {
		if strings.HasPrefix(v, ".") && s.Code.Directory == "" {
			out = append(out, wrong("volumes", fmt.Sprintf("the volume %q has no folder to count from", v),
				"relative paths count from code.directory, and this environment has none", "write an absolute path on the worker's host"))
		}
	}
	if in(kind.KubernetesPool) {
		for key, list := range map[string][]string{"volumes": s.Container.Volumes, "networks": s.Container.Networks} {
			if len(list) > 0 {
				out = append(out, wrong(key, key+" do nothing in a Kubernetes pool", "they are Docker's; the job's manifest has its own",
					"remove them here, and set them in the pool's base job template"))
			}
		}
	}
	out = append(out, apiAddress(env, s, in(kind.DockerPool), wrong)...)
	if s.Container.Image.Pin == "digest" && s.Container.Image.Registry == "" {
		out = append(out, wrong("image.pin", "image.pin is digest, but no registry is named", "only a registry gives digests", "write image.registry, or pin: tag"))
	}
	return out
}

// apiAddress finds the classic fault: localhost in a container is the container. (Prefect: prefect_docker/worker.py.)
func apiAddress(env config.Env, s config.Settings, docker bool, wrong func(key, message, why, fix string) finding.Finding) finding.List {
	if s.JobVariables["network_mode"] == "host" {
		return nil
	}
	var out finding.List
	if address := s.Env["PREFECT_API_URL"]; address != "" && !Elsewhere(address) {
		out = append(out, wrong("env.PREFECT_API_URL", fmt.Sprintf("PREFECT_API_URL is %s in a container", address),
			"localhost there is the container itself: the run would wait for a minute and crash without a log",
			"remove it, then the worker gives its own address; or write one that containers reach"))
	}
	if address := env.Server.URL; address != "" && !Elsewhere(address) && docker {
		f := wrong("server.url", fmt.Sprintf("the server is at %s, where containers can't reach it if it listens on loopback only", address),
			"a Docker worker sends containers to the host's address in Docker's network", "let the server listen there too (prefect server start --host 0.0.0.0), or write job_variables: {network_mode: host}")
		f.Severity, f.Position = finding.Warning, env.Origin("server.url").Keyed("server.url")
		out = append(out, f)
	}
	return out
}
