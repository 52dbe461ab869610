package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/kind"
)

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
	if in("kubernetes") {
		for key, list := range map[string][]string{"volumes": s.Container.Volumes, "networks": s.Container.Networks} {
			if len(list) > 0 {
				out = append(out, wrong(key, key+" do nothing in a Kubernetes pool", "they are Docker's; the job's manifest has its own",
					"remove them here, and set them in the pool's base job template"))
			}
		}
	}
	out = append(out, apiAddress(env, s, in("docker"), wrong)...)
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
