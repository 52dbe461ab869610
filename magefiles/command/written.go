package command

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/deploy"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/manifest"
)

// written is the draft for a manifest that somebody wrote by hand (-file=prefect.yaml). The settings say which server and whose the
// deployments are, and nothing else. Paths in it count from the repository's root, as they do for `prefect deploy` there.
func (s *Session) written(env config.Env, findings finding.List, o DeployOptions) (draft, error) {
	d := draft{env: env, findings: aboutServer(findings), byHand: true}
	data, err := os.ReadFile(s.file(o.File))
	if err != nil {
		return draft{}, &fault.Error{Code: fault.Usage, What: "the manifest can't be read", Where: o.File, Err: err, Next: "name another one: -file=prefect.yaml"}
	}
	m, problems := manifest.Parse(o.File, data)
	d.findings = append(d.findings, problems...)
	secrets, unread := s.secrets(env)
	m, problems = m.Resolve(secrets)
	d.findings = slices.Concat(d.findings, problems, unread)
	s.complete(&m)
	scanned, err := flow.Scan(os.DirFS(s.Root), flow.Options{Paths: s.entrypoints(m)})
	if err != nil {
		return draft{}, err
	}
	d.flows, d.unreadable = scanned.Flows, scanned.Unreadable
	d.findings = append(d.findings, scanned.Findings...)
	if d.selected, err = flow.Select(d.flows, o.Only); err != nil {
		return draft{}, err
	}
	if len(o.Only) > 0 {
		m.Deployments = slices.DeleteFunc(m.Deployments, func(x manifest.Deployment) bool {
			return !slices.ContainsFunc(d.selected, func(f flow.Flow) bool { return f.Entrypoint == x.Entrypoint })
		})
	}
	d.pool = map[string]string{}
	for _, x := range m.Deployments {
		d.pool[x.WorkPool.Name] = ""
	}
	s.judge(&d, m)
	return d, nil
}

// aboutServer drops findings about settings that a hand-written manifest has no use for.
func aboutServer(list finding.List) finding.List {
	return slices.DeleteFunc(slices.Clone(list), func(f finding.Finding) bool { return f.Code == "code-missing" || f.Code == "path-missing" })
}

func (s *Session) environ(name string) (string, bool) {
	for _, pair := range slices.Backward(s.Environ) {
		if k, v, ok := strings.Cut(pair, "="); ok && k == name {
			return v, true
		}
	}
	return "", false
}

// complete fills in what Prefect fills in when it is left out: the default work pool, and a pull step that leads to this folder
// (Prefect: cli/deploy/_actions.py).
func (s *Session) complete(m *manifest.Manifest) {
	pool, _ := s.environ("PREFECT_DEPLOYMENTS_DEFAULT_WORK_POOL_NAME")
	for i := range m.Deployments {
		d := &m.Deployments[i]
		if d.WorkPool.Name == "" {
			d.WorkPool.Name = pool
		}
		if d.HasPull {
			continue
		}
		directory := s.Root
		if _, image := d.WorkPool.JobVariables["image"]; image {
			directory = "/opt/prefect"
		}
		d.Pull, d.HasPull = []map[string]any{{
			"prefect.deployments.steps.set_working_directory": map[string]any{"directory": directory},
		}}, true
	}
}

// entrypoints gives the files that the deployments name, as far as they are there.
func (s *Session) entrypoints(m manifest.Manifest) []string {
	var out []string
	for _, d := range m.Deployments {
		file, _, _ := strings.Cut(d.Entrypoint, ":")
		file = filepath.ToSlash(filepath.Clean(file))
		if info, err := os.Stat(filepath.Join(s.Root, filepath.FromSlash(file))); err == nil && !info.IsDir() && fs.ValidPath(file) && !slices.Contains(out, file) {
			out = append(out, file)
		}
	}
	if len(out) == 0 {
		out = []string{"."}
	}
	return out
}

// judge parts the manifest's deployments into those that may go on and blocked ones.
func (s *Session) judge(d *draft, m manifest.Manifest) {
	var broken finding.List // in the manifest itself: Prefect would drop all of it
	for _, x := range d.findings {
		if x.Severity == finding.Error && x.Subject == "" && !strings.HasSuffix(x.Position.File, ".py") {
			broken = append(broken, x)
		}
	}
	d.broken = len(broken) > 0
	good := m
	good.Deployments = nil
	for _, x := range m.Deployments {
		reasons := slices.Clone(broken)
		i := slices.IndexFunc(d.flows, func(f flow.Flow) bool { return f.Entrypoint == x.Entrypoint })
		name := ""
		if i >= 0 {
			f := d.flows[i]
			name = f.Name
			wrong := check.Parameters(f, x.Parameters, x.Position)
			d.findings = append(d.findings, wrong...)
			reasons = append(reasons, wrong...)
			reasons = append(reasons, check.InFiles(d.findings, f)...)
		}
		for _, f := range d.findings {
			if f.Severity == finding.Error && f.Subject == x.Name && f.Subject != "" {
				reasons = append(reasons, f)
			}
		}
		if len(reasons) > 0 {
			d.blocked = append(d.blocked, blocked{x.Name, name, x.Entrypoint, reasons.Sorted()})
			continue
		}
		good.Deployments = append(good.Deployments, x)
	}
	desired, missing := deploy.Resolve(good, d.flows, d.owner())
	d.desired, d.findings = desired, append(d.findings, missing...)
	for _, x := range missing {
		d.blocked = append(d.blocked, blocked{x.Subject, "", "", finding.List{x}})
	}
}
