package draft

import (
	"context"
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
	"github.com/flowmage/flowmage/tasks/imports"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/secret"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/tree"
	"github.com/flowmage/flowmage/tasks/verdict"
)

// concealManifest hides the secrets that a manifest which somebody wrote gives its deployments, unless that is a stranger's.
func concealManifest(s *session.Session, m manifest.Manifest) {
	if s.Stance().Untrusted {
		return
	}
	for _, d := range m.Deployments {
		concealValues(s, d.WorkPool.JobVariables, nil)
		concealValues(s, d.Parameters, nil)
		for _, x := range d.Pull {
			concealValues(s, x, nil)
		}
		for _, x := range d.Schedules {
			concealValues(s, x.Parameters, nil)
		}
	}
}

func concealValues(s *session.Session, v any, path []string) {
	switch x := v.(type) {
	case string:
		for _, part := range secret.Known(x, secret.Named(path)) {
			if secret.Distinct(part) {
				s.Console.Hide(part)
			}
		}
	case map[string]any:
		for name, value := range x {
			concealValues(s, value, append(slices.Clip(path), name))
		}
	case []any:
		for _, value := range x {
			concealValues(s, value, path)
		}
	}
}

// byHand enters the chain with a manifest that somebody wrote (-file=prefect.yaml). The settings say which server and whose the
// deployments are, and where parameter schemas come from. Paths in it count from the repository's root, as they do for `prefect deploy` there.
func byHand(ctx context.Context, s *session.Session, env config.Env, problems finding.List, o Options) (Rendered, error) {
	m, marked, findings, err := load(s, env, o.File)
	if err != nil {
		return Rendered{}, err
	}
	findings = slices.Concat(aboutServer(problems), findings)
	folder := ""
	if !filepath.IsAbs(o.File) {
		folder = path.Dir(filepath.ToSlash(o.File))
	}
	scanned, err := session.Discover(ctx, s, env, flow.Options{Paths: entrypoints(s, m, folder)})
	if err != nil {
		return Rendered{}, err
	}
	r := Read{Options: o, Env: env, Imaged: o.Images || o.Kind.NeedsImage(), Flows: scanned.Flows, Unreadable: scanned.Unreadable}
	if r.Selected, err = flow.Select(r.Flows, o.Only); err != nil {
		return Rendered{}, err
	}
	if len(o.Only) > 0 {
		m.Deployments = slices.DeleteFunc(m.Deployments, func(x manifest.Deployment) bool {
			return !slices.ContainsFunc(r.Selected, func(f flow.Flow) bool { return f.Entrypoint == x.Entrypoint })
		})
	}
	deployed := slices.DeleteFunc(slices.Clone(r.Selected), func(f flow.Flow) bool {
		return !slices.ContainsFunc(m.Deployments, func(x manifest.Deployment) bool { return f.Entrypoint == x.Entrypoint })
	})
	needs := imports.Judge(imports.Asked{Root: s.Tree(), Library: scanned.Library, Flows: deployed, Moved: moves(m)})
	deployed, second, err := Schemas(ctx, s, env, scanned.Library, deployed, deployed)
	if err != nil {
		return Rendered{}, err
	}
	for i, f := range r.Flows { // both are in the same order
		if len(deployed) > 0 && deployed[0].Entrypoint == f.Entrypoint {
			r.Flows[i], deployed = deployed[0], deployed[1:]
		}
	}
	pools, wrong := named(s.Tree(), env, m)
	own, misread := decreed(ctx, s, env)
	law := s.Law(ctx, env, scanned.Marked, env.Marked())
	law.Manifest = o.File
	r.Findings = law.With(s.Counting(ctx, marked)...).Judge(slices.Concat(findings, scanned.Findings, needs, second, aboutServer(wrong), misread, own.before(env, deployed)))
	return judgeManifest(Judged{Read: r, Pools: pools, law: law, decree: own}, m, folder), nil
}

// load reads a manifest, with its variables filled in and its secrets hidden, and finds the comments that have something ignored, and what is wrong
// with it.
func load(s *session.Session, env config.Env, file string) (manifest.Manifest, []verdict.Ignore, finding.List, error) {
	data, err := document.Loaded(s.Tree().Named(file, document.Largest))
	if err != nil {
		return manifest.Manifest{}, nil, nil, &fault.Error{
			Code: fault.Usage, What: "the manifest can't be read", Where: file, Err: tree.Reason(err), Next: "name another one: -file=prefect.yaml",
		}
	}
	m, problems := manifest.Parse(file, data)
	if !m.Listed && !problems.HasErrors() {
		problems = append(problems, catalogue.New("deployments-missing", finding.Everything(), finding.Finding{
			Position: finding.Position{File: file, Line: 1}, Message: "the file has no list of deployments",
			Fix: "list them under `deployments:`; an empty list, [], says that there shall be none",
		}))
	}
	values, unread := session.Secrets(s, env)
	m, unfilled := m.Resolve(values.Lookup)
	concealManifest(s, m)
	complete(s, &m)
	return m, verdict.In(file, data), slices.Concat(problems, check.Literals(env, file, data), unfilled, unread, session.MisplacedCredentials(s, env, file, string(data))), nil
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

// complete fills in what Prefect fills in when it is left out: the default work pool, and a pull step that leads to this folder
// (Prefect: cli/deploy/_actions.py).
func complete(s *session.Session, m *manifest.Manifest) {
	pool, _ := s.Environ.Lookup("PREFECT_DEPLOYMENTS_DEFAULT_WORK_POOL_NAME")
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
func entrypoints(s *session.Session, m manifest.Manifest, folder string) []string {
	var out []string
	for _, d := range m.Deployments {
		file, _, _ := strings.Cut(d.Entrypoint, ":")
		for _, file := range []string{filepath.ToSlash(filepath.Clean(file)), path.Join(folder, filepath.ToSlash(file))} {
			if tree.HasFile(s.Tree(), file) && !slices.Contains(out, file) {
				out = append(out, file)
			}
		}
	}
	if len(out) == 0 {
		out = []string{"."}
	}
	return out
}

// judgeManifest parts the manifest's deployments into those that may go on and blocked ones.
func judgeManifest(j Judged, m manifest.Manifest, folder string) Rendered {
	r := Rendered{Pinned: Pinned{Judged: j}}
	for _, x := range r.Findings { // in the manifest itself: Prefect would drop all of it
		if x.Severity == finding.Error && x.Scope.Wide() {
			r.Broken = append(r.Broken, x)
		}
	}
	good := m
	good.Deployments = nil
	for _, x := range m.Deployments {
		at := slices.IndexFunc(r.Flows, func(f flow.Flow) bool { return f.Entrypoint == x.Entrypoint })
		name, reasons := "", slices.Clone(r.Broken)
		if at >= 0 {
			f := r.Flows[at]
			name = f.Name
			wrong := check.Parameters(f, check.Given{Values: x.Parameters, Places: x.Places, Position: x.Position}, given(x.Schedules)...)
			r.Findings = append(r.Findings, wrong...)
			reasons = slices.Concat(reasons, wrong, check.InFiles(r.Findings, f))
		}
		if reasons = append(reasons, about(r.Findings, x.Name)...); len(reasons) > 0 {
			r.Blocked = append(r.Blocked, Block{Name: x.Name, Flow: name, Entrypoint: x.Entrypoint, Reasons: reasons.Sorted()})
			continue
		}
		good.Deployments = append(good.Deployments, x)
	}
	flows := plan.FlowsOf(r.Flows)
	if len(r.Broken) > 0 { // what else is wrong is told with it
		_, missing := flows.Resolve(nil, wellFormed(m), r.Owner())
		fromFolder(missing, m, r.Flows, folder)
		r.Findings = append(r.Findings, missing...)
		return r
	}
	var missing finding.List
	r.Desired, missing = flows.Resolve(nil, good, r.Owner())
	fromFolder(missing, m, r.Flows, folder)
	ownTriggers(r.Desired)
	r.Findings = append(r.Findings, missing...)
	return r.missing(missing).policed()
}

// about gives the errors that name a deployment.
func about(list finding.List, deployment string) finding.List {
	var out finding.List
	for _, f := range list {
		if f.Severity == finding.Error && f.Scope == finding.OfDeployment(deployment) && deployment != "" {
			out = append(out, f)
		}
	}
	return out
}

// given are the parameters of schedules.
func given(list []manifest.Schedule) []check.Given {
	out := make([]check.Given, 0, len(list))
	for _, x := range list {
		out = append(out, check.Given{Values: x.Parameters, Places: x.Places, Position: x.Position})
	}
	return out
}

// AfterSteps judges the parameters into which the outputs of steps have been filled.
func AfterSteps(d plan.Desired) finding.List {
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

// moves tells whether a manifest's own steps say where runs start.
func moves(m manifest.Manifest) bool {
	return slices.ContainsFunc(m.Deployments, func(d manifest.Deployment) bool { return len(d.Pull) > 0 })
}
