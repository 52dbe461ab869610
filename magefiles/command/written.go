package command

import (
	"context"
	"errors"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/config"

	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/tree"
)

// written is the draft for a manifest that somebody wrote by hand (-file=prefect.yaml). The settings say which server and whose the
// deployments are, and where parameter schemas come from. Paths in it count from the repository's root, as they do for `prefect deploy` there.
func (s *Session) written(ctx context.Context, env config.Env, findings finding.List, o DeployOptions) (draft, error) {
	d := draft{env: env, findings: aboutServer(findings), byHand: true}
	data, err := s.tree().Named(o.File, document.Largest)
	if errors.Is(err, tree.ErrTooLarge) { // which is told as all else that is wrong with it
		data, err = make([]byte, document.Largest+1), nil
	}
	if err != nil {
		return draft{}, &fault.Error{Code: fault.Usage, What: "the manifest can't be read", Where: o.File, Err: tree.Reason(err), Next: "name another one: -file=prefect.yaml"}
	}
	m, problems := manifest.Parse(o.File, data)
	if !m.Listed && !problems.HasErrors() {
		problems = append(problems, catalogue.New("deployments-missing", finding.Everything(), finding.Finding{
			Position: finding.Position{File: o.File, Line: 1}, Message: "the file has no list of deployments",
			Fix: "list them under `deployments:`; an empty list, [], says that there shall be none",
		}))
	}
	d.findings = slices.Concat(d.findings, problems, check.Literals(env, o.File, data))
	secrets, unread := s.secrets(env)
	m, problems = m.Resolve(secrets)
	d.findings = slices.Concat(d.findings, problems, unread, s.unwritable(env, o.File, string(data)))
	s.concealManifest(m)
	s.complete(&m)
	folder := ""
	if !filepath.IsAbs(o.File) {
		folder = path.Dir(filepath.ToSlash(o.File))
	}
	scanned, err := flow.Scan(ctx, s.tree(), flow.Options{Paths: s.entrypoints(m, folder), Ignores: s.ignores(ctx)})
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
	deployed := slices.DeleteFunc(slices.Clone(d.selected), func(f flow.Flow) bool {
		return !slices.ContainsFunc(m.Deployments, func(x manifest.Deployment) bool { return f.Entrypoint == x.Entrypoint })
	})
	deployed, second, err := s.schemas(ctx, env, scanned.Library, deployed, deployed)
	if err != nil {
		return draft{}, err
	}
	for i, f := range d.flows { // both are in the same order
		if len(deployed) > 0 && deployed[0].Entrypoint == f.Entrypoint {
			d.flows[i], deployed = deployed[0], deployed[1:]
		}
	}
	var wrong finding.List
	d.pools, wrong = s.named(env, m)
	d.findings = slices.Concat(d.findings, second, aboutServer(wrong))
	s.judge(&d, m, folder)
	return d, nil
}

// aboutServer drops findings about settings that a hand-written manifest has no use for. The others are about all of it: which of its
// deployments a flow's settings would be for is not known.
func aboutServer(list finding.List) finding.List {
	out := make(finding.List, 0, len(list))
	for _, f := range list {
		if f.Scope.Extent != finding.Environment {
			f.Scope = finding.Everything()
			out = append(out, f)
		}
	}
	return out
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

// fromFolder explains entrypoints that count from the manifest's folder, as old versions of Prefect had them.
func fromFolder(findings finding.List, m manifest.Manifest, flows []flow.Flow, folder string) {
	for i := range findings {
		f := &findings[i]
		at := slices.IndexFunc(m.Deployments, func(d manifest.Deployment) bool { return d.Name == f.Subject })
		if at < 0 {
			continue
		}
		there := path.Join(folder, m.Deployments[at].Entrypoint)
		if slices.ContainsFunc(flows, func(x flow.Flow) bool { return x.Entrypoint == there && there != m.Deployments[at].Entrypoint }) {
			f.Fix = "entrypoints count from the repository's root, not from the file's folder: write " + there
		}
	}
}

// entrypoints gives the files that the deployments name, as far as they are there, seen from the root or from the manifest's folder.
func (s *Session) entrypoints(m manifest.Manifest, folder string) []string {
	var out []string
	for _, d := range m.Deployments {
		file, _, _ := strings.Cut(d.Entrypoint, ":")
		for _, file := range []string{filepath.ToSlash(filepath.Clean(file)), path.Join(folder, filepath.ToSlash(file))} {
			if tree.HasFile(s.tree(), file) && !slices.Contains(out, file) {
				out = append(out, file)
			}
		}
	}
	if len(out) == 0 {
		out = []string{"."}
	}
	return out
}

// judge parts the manifest's deployments into those that may go on and blocked ones.
func (s *Session) judge(d *draft, m manifest.Manifest, folder string) {
	var broken finding.List // in the manifest itself: Prefect would drop all of it
	for _, x := range d.findings {
		if x.Severity == finding.Error && x.Scope.Wide() {
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
			wrong := check.Parameters(f, check.Given{Values: x.Parameters, Places: x.Places, Position: x.Position}, given(x.Schedules)...)
			d.findings = append(d.findings, wrong...)
			reasons = append(reasons, wrong...)
			reasons = append(reasons, check.InFiles(d.findings, f)...)
		}
		for _, f := range d.findings {
			if f.Severity == finding.Error && f.Scope == finding.OfDeployment(x.Name) && x.Name != "" {
				reasons = append(reasons, f)
			}
		}
		if len(reasons) > 0 {
			d.blocked = append(d.blocked, blocked{x.Name, name, x.Entrypoint, reasons.Sorted()})
			continue
		}
		good.Deployments = append(good.Deployments, x)
	}
	if d.broken { // what else is wrong is told with it
		_, missing := plan.FlowsOf(d.flows).Resolve(nil, wellFormed(m), d.owner())
		fromFolder(missing, m, d.flows, folder)
		d.findings = append(d.findings, missing...)
		return
	}
	desired, missing := plan.FlowsOf(d.flows).Resolve(nil, good, d.owner())
	fromFolder(missing, m, d.flows, folder)
	ownTriggers(desired)
	d.desired, d.findings = desired, append(d.findings, missing...)
	for _, x := range missing {
		d.blocked = append(d.blocked, blocked{x.Subject, "", "", finding.List{x}})
	}
}

// given are the parameters of schedules.
func given(list []manifest.Schedule) []check.Given {
	out := make([]check.Given, 0, len(list))
	for _, x := range list {
		out = append(out, check.Given{Values: x.Parameters, Places: x.Places, Position: x.Position})
	}
	return out
}

// afterSteps judges the parameters into which the outputs of steps have been filled.
func afterSteps(d plan.Desired) finding.List {
	return check.Parameters(*d.Flow, check.Given{Values: d.Parameters(), Places: d.Places, Position: d.Position}, given(d.Schedules)...)
}

// wellFormed gives the manifest's deployments whose entrypoints name a file and a function.
func wellFormed(m manifest.Manifest) manifest.Manifest {
	m.Deployments = slices.DeleteFunc(slices.Clone(m.Deployments), func(d manifest.Deployment) bool {
		file, function, _ := strings.Cut(d.Entrypoint, ":")
		return file == "" || function == ""
	})
	return m
}
