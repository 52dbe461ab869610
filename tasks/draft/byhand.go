package draft

import (
	"context"
	"fmt"
	"path"
	"path/filepath"
	"slices"

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
	moved, l := moves(m), leadsOf(s, m, folder)
	scanned, err := session.Discover(ctx, s, env, flow.Options{Paths: l.files(m), Namesakes: true})
	if err != nil {
		return Rendered{}, err
	}
	findings = append(findings, l.resolve(&m, scanned.Flows)...)
	scanned.Findings = append(scanned.Findings, namesakes(m, scanned.Flows)...)
	r := Read{Options: o, Env: env, Imaged: o.Images || o.Kind.NeedsImage(), Flows: scanned.Flows, Unreadable: scanned.Unreadable}
	if r.Selected, err = flow.Select(r.Flows, o.Only); err != nil {
		return Rendered{}, err
	}
	if len(o.Only) > 0 {
		m.Deployments = slices.DeleteFunc(m.Deployments, func(x manifest.Deployment) bool {
			return !slices.ContainsFunc(r.Selected, func(f flow.Flow) bool { return f.Entrypoint == x.Leads() })
		})
	}
	deployed := slices.DeleteFunc(slices.Clone(r.Selected), func(f flow.Flow) bool {
		return !slices.ContainsFunc(m.Deployments, func(x manifest.Deployment) bool { return f.Entrypoint == x.Leads() })
	})
	needs := imports.Judge(imports.Asked{Root: s.Tree(), Library: scanned.Library, Flows: deployed, Moved: moved})
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
	return judgeManifest(Judged{Read: r, Pools: pools, law: law, decree: own}, m, l), nil
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

// judgeManifest parts the manifest's deployments into those that may go on and blocked ones.
func judgeManifest(j Judged, m manifest.Manifest, l leads) Rendered {
	r := Rendered{Pinned: Pinned{Judged: j}}
	for _, x := range r.Findings { // in the manifest itself: Prefect would drop all of it
		if x.Severity == finding.Error && x.Scope.Wide() {
			r.Broken = append(r.Broken, x)
		}
	}
	good := m
	good.Deployments = nil
	for _, x := range m.Deployments {
		at := slices.IndexFunc(r.Flows, func(f flow.Flow) bool { return f.Entrypoint == x.Leads() })
		name, reasons := "", slices.Clone(r.Broken)
		if at >= 0 {
			f := r.Flows[at]
			name = f.Name
			wrong := check.Parameters(f, check.Given{Values: x.Parameters, Places: x.Places, Position: x.Position, Variables: true}, given(x.Schedules, true)...)
			r.Findings = append(r.Findings, wrong...)
			reasons = slices.Concat(reasons, wrong, check.InFiles(r.Findings, f))
		}
		if reasons = append(reasons, about(r.Findings, x)...); len(reasons) > 0 {
			r.Blocked = append(r.Blocked, Block{Name: x.Name, Flow: name, Entrypoint: x.Entrypoint, Reasons: reasons.Sorted()})
			continue
		}
		good.Deployments = append(good.Deployments, x)
	}
	flows := plan.FlowsOf(r.Flows)
	if len(r.Broken) > 0 { // what else is wrong is told with it
		_, missing := flows.Resolve(nil, wellFormed(m), r.Owner())
		l.hint(missing, m, r.Flows)
		r.Findings = append(r.Findings, missing...)
		return r
	}
	var missing finding.List
	r.Desired, missing = flows.Resolve(nil, good, r.Owner())
	l.hint(missing, m, r.Flows)
	ownTriggers(r.Desired)
	r.Findings = append(r.Findings, missing...)
	return r.missing(missing).policed()
}

// about gives the errors that name a deployment.
func about(list finding.List, d manifest.Deployment) finding.List {
	return list.Where(func(f finding.Finding) bool { return f.Severity == finding.Error && d.Concerned(f) })
}

// given are the parameters of schedules; later says that variables of the server are filled in later.
func given(list []manifest.Schedule, later bool) []check.Given {
	out := make([]check.Given, 0, len(list))
	for _, x := range list {
		out = append(out, check.Given{Values: x.Parameters, Places: x.Places, Position: x.Position, Variables: later})
	}
	return out
}

// AfterSteps judges the parameters into which the outputs of steps have been filled.
func AfterSteps(d plan.Desired) finding.List {
	return check.Parameters(*d.Flow, check.Given{Values: d.Parameters(), Places: d.Places, Position: d.Position}, given(d.Schedules, false)...)
}

// wellFormed gives the manifest's deployments whose entrypoints name a file and a function.
func wellFormed(m manifest.Manifest) manifest.Manifest {
	m.Deployments = slices.DeleteFunc(slices.Clone(m.Deployments), func(d manifest.Deployment) bool {
		_, ok := manifest.ParseEntrypoint(d.Entrypoint)
		return !ok
	})
	return m
}

// moves tells whether a manifest's own steps say where runs start.
func moves(m manifest.Manifest) bool {
	return slices.ContainsFunc(m.Deployments, func(d manifest.Deployment) bool { return len(d.Pull) > 0 })
}

// namesakes tells of deployments whose flows share a name, by which alone Prefect knows a flow. Those of one name, too, are one on the server: an error
// of both.
func namesakes(m manifest.Manifest, flows []flow.Flow) finding.List {
	var out finding.List
	known := plan.FlowsOf(flows)
	first := map[string]int{}   // by the flow's name
	same := map[[2]string]int{} // and the deployment's
	for i, d := range m.Deployments {
		f := known[d.Leads()]
		if f == nil || f.NameExpr != "" {
			continue
		}
		at, there := first[f.Name]
		if !there {
			first[f.Name], same[[2]string{f.Name, d.Name}] = i, i
			continue
		}
		if one, there := same[[2]string{f.Name, d.Name}]; there && m.Deployments[one].Entrypoint != d.Entrypoint {
			before := &m.Deployments[one]
			before.Shares = append(slices.Clip(before.Shares), d.Scope())
			out = append(out, catalogue.New("deployment-one", d.Scope(), finding.Finding{
				Position: d.Position, Subject: d.Name,
				Message: fmt.Sprintf("%s of %s and that of %s are one deployment, %s/%s, which stands at line %d already",
					d.Name, d.Entrypoint, before.Entrypoint, f.Name, d.Name, before.Position.Line),
				Fix: "give one of the deployments another name",
			}))
			continue
		}
		same[[2]string{f.Name, d.Name}] = i
		if before := m.Deployments[at]; before.Leads() != d.Leads() {
			out = append(out, catalogue.New("flow-name-shared", d.Scope(), finding.Finding{
				Position: d.Position, Subject: d.Name,
				Message: fmt.Sprintf("%s and %s are both called %q: %s/%s and %s/%s are deployments of one flow", before.Leads(), d.Leads(), f.Name, f.Name, before.Name, f.Name, d.Name),
				Fix:     fmt.Sprintf("nothing, if it is meant; else @flow(name=%q) for one of them", f.Name+"-2"),
			}))
		}
	}
	return out
}
