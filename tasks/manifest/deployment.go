package manifest

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/flowmage/flowmage/tasks/pattern"

	"go.yaml.in/yaml/v3"

	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/finding"
)

func (r *reader) manifest(root *yaml.Node) Manifest {
	var m Manifest
	var all defaults
	var deployments *yaml.Node
	for _, e := range r.entries(root) {
		if e.Value.Tag == document.Null {
			continue
		}
		switch e.Name {
		case "name":
			m.Name = r.text(e.Value, "name")
		case "pull":
			from := len(r.Findings)
			all.pull, all.hasPull = r.pull(e.Value)
			all.pullScope = finding.OfEntry(r.At(e.Value, ""), "")
			r.owned(from, all.pullScope, "")
		case "deployments":
			deployments = e.Value
		case "build":
			all.build, all.buildScope = r.once(e.Value, "build"), finding.OfEntry(r.At(e.Value, ""), "")
		case "push":
			all.push, all.pushScope = r.once(e.Value, "push"), finding.OfEntry(r.At(e.Value, ""), "")
		default: // any other top-level key may be a home for YAML anchors (Prefect ignores it)
		}
	}
	m.Deployments, m.Listed = r.deployments(deployments, all), deployments != nil
	r.Findings = append(r.Findings, r.ofDefaults...)
	return m
}

// defaults are the steps of deployments that say nothing of their own.
type defaults struct {
	pull        []map[string]any
	hasPull     bool
	build, push func() []Step // nil: none

	pullScope, buildScope, pushScope finding.Scope // of what is wrong with them
}

// once reads steps when a deployment takes them over: of defaults that nobody uses nothing is told, but that Prefect would take them for steps.
func (r *reader) once(n *yaml.Node, key string) func() []Step {
	if _, fine := r.stepMappings(n, key); !fine {
		return nil
	}
	return sync.OnceValue(func() []Step {
		from := len(r.Findings)
		steps := r.steps(n, key)
		r.owned(from, finding.OfEntry(r.At(n, ""), ""), "")
		r.ofDefaults = append(r.ofDefaults, r.Findings[from:]...)
		r.Findings = r.Findings[:from:from]
		return steps
	})
}

// stepsOf gives the steps before a deployment's write. Its own build steps, were it none, win over the defaults; push steps only if
// there are any (Prefect: cli/deploy/_core.py). What is wrong with its own concerns no other deployment.
func (r *reader) stepsOf(d *Deployment, build, push *yaml.Node, all defaults) []Step {
	var out []Step
	before := len(r.Findings)
	if build != nil {
		out = r.steps(build, "build")
	}
	ownPush := push != nil && (len(push.Content) > 0 || push.Kind == yaml.ScalarNode && push.Tag != document.Null)
	var pushed []Step
	if ownPush {
		pushed = r.steps(push, "push")
	}
	r.owned(before, d.Scope(), d.Name)
	if build == nil && all.build != nil {
		out = append(out, all.build()...)
		d.Shares = append(d.Shares, all.buildScope)
	}
	if !ownPush && all.push != nil {
		pushed = all.push()
		d.Shares = append(d.Shares, all.pushScope)
	}
	return append(out, pushed...)
}

func (r *reader) deployments(list *yaml.Node, all defaults) []Deployment {
	if list == nil {
		return nil
	}
	items := r.mappings(list, "deployments", "deployments", "a deployment", "name: …")
	out := make([]Deployment, 0, len(items))
	shared := r.marks // of steps that deployments take over
	for _, n := range items {
		r.marks = maps.Clone(shared)
		from := len(r.Findings)
		d, hasName := r.deployment(n, all)
		r.owned(from, d.Scope(), d.Name)
		if d.Placeholders = r.marks; !hasName {
			r.skipped(from, n)
			continue
		}
		out = append(out, d)
	}
	return out
}

// Deployment says where and how one flow runs. Pointers and the Has fields tell what was written from what was left out.
type Deployment struct {
	Name        string
	Entrypoint  string // path/file.py:function, relative to the directory that the pull steps lead to
	Flow        string // the flow's entrypoint from the repository's root, where another one is written: see [Deployment.Leads]
	Version     *string
	Description *string
	Tags        []string
	Parameters  map[string]any
	Places      map[string]finding.Position // of the parameters, by name
	Schedules   []Schedule
	// HasSchedules tells that schedules were declared, were it an empty list: then the list is exactly what shall be there.
	HasSchedules bool
	Paused       *bool
	Enforce      *bool // enforce_parameter_schema
	Concurrency  *Concurrency
	WorkPool     WorkPool
	Pull         []map[string]any // pull steps; HasPull tells whether they were declared
	HasPull      bool
	Triggers     []Trigger
	Placeholders map[string]finding.Position // where texts with placeholders stand, by text
	Steps        []Step                      // build and push steps, in the order in which they run before each write of this deployment
	Position     finding.Position            // of the deployment in the manifest
	Shares       []finding.Scope             // of what it has from the whole file, or with another entry
}

// legal is what Prefect accepts as a deployment's name; the server answers anything else with an internal error.
var legal = pattern.New(`^[^/%&><]+$`)

// deployment reads an entry; false says that it has no name.
func (r *reader) deployment(n *yaml.Node, all defaults) (Deployment, bool) {
	d := Deployment{Position: r.At(n, "")}
	unnamed := true
	var old, build, push *yaml.Node
	typo := map[string]bool{} // of another type, which has been told
	r.known(n, "a deployment", map[string]func(*yaml.Node){
		"name":         optional(func(v *yaml.Node) { d.Name, unnamed = r.text(v, "name"), false; typo["name"] = v.Tag != textTag }),
		"entrypoint":   optional(func(v *yaml.Node) { d.Entrypoint = r.text(v, "entrypoint"); typo["entrypoint"] = v.Tag != textTag }),
		"flow_name":    optional(func(v *yaml.Node) { r.text(v, "flow_name") }), // Prefect overwrites it with the loaded flow's name
		"version_type": optional(r.versionType),
		"version":      func(v *yaml.Node) { d.Version = r.optionalText(v, "version") },
		"description":  func(v *yaml.Node) { d.Description = r.optionalText(v, "description") },
		"tags":         func(v *yaml.Node) { d.Tags = r.texts(v, "tags") },
		"parameters":   func(v *yaml.Node) { d.Parameters, d.Places = r.object(v, "parameters"), r.places(v) },
		"paused":       func(v *yaml.Node) { d.Paused = r.truth(v, "paused") },
		"build":        func(v *yaml.Node) { build = v },
		"push":         func(v *yaml.Node) { push = v },
		"pull":         func(v *yaml.Node) { d.Pull, d.HasPull = r.pull(v) },
		"work_pool":    optional(func(v *yaml.Node) { d.WorkPool = r.pool(v) }),
		"concurrency_limit": func(v *yaml.Node) {
			d.Concurrency = r.concurrency(v)
		},
		"enforce_parameter_schema": func(v *yaml.Node) { d.Enforce = r.truth(v, "enforce_parameter_schema") },
		"schedules": func(v *yaml.Node) {
			d.Schedules, d.HasSchedules = r.schedules(v), v.Tag != document.Null
		},
		"schedule": func(v *yaml.Node) { old = v },
		"triggers": func(v *yaml.Node) { d.Triggers = r.triggers(v) },
	})
	if !d.HasPull && all.hasPull {
		d.Pull, d.HasPull = all.pull, true
		d.Shares = append(d.Shares, all.pullScope)
	}
	r.legacySchedule(&d, old)
	d.Name = shortName(d.Name)
	d.Triggers = named(d.Triggers, d.Name)
	d.Steps = r.stepsOf(&d, build, push, all)
	switch {
	case typo["name"], unnamed:
	case d.Name == "":
		r.Fail(n, "name", "deployment-name", "write a name", "the name of a deployment is empty")
	case !legal.MatchString(d.Name):
		r.Fail(n, "name", "deployment-name", "give it a name without / % & < >", "Prefect does not accept a deployment of that name")
	}
	if !typo["entrypoint"] && !unnamed {
		r.entrypoint(n, d)
	}
	return d, !unnamed
}

// skipped tells of an entry without a name, as `prefect init` leaves one: it is passed over, and only that for which Prefect drops the file counts.
func (r *reader) skipped(from int, n *yaml.Node) {
	kept := r.Findings[:from:from]
	for _, f := range r.Findings[from:] {
		if f.Scope == finding.OfManifest() {
			kept = append(kept, f)
		}
	}
	r.Findings = kept
	r.warn(n, "name", "deployment-unnamed", "add `name: …`, or remove the entry", "a deployment without a name is passed over")
}

func (r *reader) entrypoint(n *yaml.Node, d Deployment) {
	fix := "write path/to/file.py:function"
	switch {
	case complete(d.Entrypoint), strings.Contains(d.Entrypoint, "{{"): // judged when it is filled in
		return
	case d.Entrypoint == "":
		r.Fail(n, "entrypoint", "entrypoint-form", "add `entrypoint: path/to/file.py:function`", "there is no entrypoint")
		return
	case strings.HasSuffix(d.Entrypoint, ".py"):
		fix = "write " + d.Entrypoint + ":FUNCTION"
	}
	r.Fail(n, "entrypoint", "entrypoint-form", fix, "the entrypoint %q names no file and function", d.Entrypoint)
}

// complete tells whether an entrypoint names a file or module, and a function.
func complete(entrypoint string) bool {
	_, ok := ParseEntrypoint(entrypoint)
	return ok
}

// shortName gives a deployment's name as Prefect stores it: of a path to a Python file only the file's name (Prefect:
// deployments/runner.py).
func shortName(name string) string {
	if stem, ok := strings.CutSuffix(name, ".py"); ok {
		return stem[strings.LastIndex(stem, "/")+1:]
	}
	return name
}

// legacySchedule reads `schedule:`, the form of Prefect 2: one schedule, or {} for none.
func (r *reader) legacySchedule(d *Deployment, n *yaml.Node) {
	switch {
	case n == nil || n.Tag == document.Null || n.Kind == yaml.MappingNode && len(n.Content) == 0:
		return
	case d.HasSchedules:
		r.Fail(n, "schedule", "schedule-twice", "keep `schedules:`", "both schedule and schedules are given")
		return
	}
	d.Schedules, d.HasSchedules = r.schedules(&yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{n}, Line: n.Line, Column: n.Column}), true
}

// versionType checks `version_type`. Self-hosted servers accept it and store nothing of it.
func (r *reader) versionType(n *yaml.Node) {
	known := []string{"prefect:simple", "vcs:github", "vcs:gitlab", "vcs:bitbucket", "vcs:azuredevops", "vcs:git"}
	r.among(n, known, "version_type", "version-type", "use one of "+strings.Join(known, ", "), "there is no version type %q")
}

// among reads one of some words, or a placeholder that will be one.
func (r *reader) among(n *yaml.Node, words []string, key, code, fix, format string) string {
	s := r.text(n, key)
	if s != "" && !strings.Contains(s, "{{") && !slices.Contains(words, s) {
		r.Fail(n, key, code, fix, format, s)
	}
	return s
}

func (r *reader) pool(n *yaml.Node) WorkPool {
	var p WorkPool
	if n.Kind != yaml.MappingNode {
		r.drop(n, "work_pool", wrongType, "write `work_pool: {name: …}`", "work_pool must be a mapping, this is %s", document.Kind(n))
		return p
	}
	r.known(n, "work_pool", map[string]func(*yaml.Node){
		"name":            optional(func(v *yaml.Node) { p.Name = r.text(v, "work_pool.name") }),
		"work_queue_name": optional(func(v *yaml.Node) { p.Queue = r.text(v, "work_pool.work_queue_name") }),
		"job_variables":   func(v *yaml.Node) { p.JobVariables = r.object(v, "work_pool.job_variables") },
	})
	return p
}

func (r *reader) concurrency(n *yaml.Node) *Concurrency {
	if n.Tag == document.Null {
		return nil
	}
	before, limited := len(r.Findings), false
	c := Concurrency{Collision: "ENQUEUE"}
	if n.Kind != yaml.MappingNode {
		c.Limit, limited = r.whole(n, "concurrency_limit"), true
		c.Collision = ""
	} else {
		r.known(n, "concurrency_limit", map[string]func(*yaml.Node){
			"limit":              optional(func(v *yaml.Node) { c.Limit, limited = r.whole(v, "concurrency_limit.limit"), true }),
			"collision_strategy": optional(func(v *yaml.Node) { c.Collision = r.collision(v) }),
			"grace_period_seconds": optional(func(v *yaml.Node) {
				grace := r.whole(v, "concurrency_limit.grace_period_seconds")
				if c.Grace = &grace; grace < 60 || grace > 86400 {
					r.Fail(v, "concurrency_limit.grace_period_seconds", "value-range", "use 60 to 86400", "grace_period_seconds goes from a minute to a day, this is %d", grace)
				}
			}),
		})
	}
	if !limited {
		if c.Collision != "ENQUEUE" || c.Grace != nil {
			r.Fail(n, "concurrency_limit", "concurrency-limit", "add `limit: …`", "without a limit the other keys of concurrency_limit mean nothing")
		}
		return nil // no limit, as without the key
	}
	switch {
	case len(r.Findings) > before:
	case c.Limit < 1:
		r.Fail(n, "concurrency_limit", "value-range", "use 1 or more, or leave it out for no limit",
			"concurrency_limit must be at least 1")
	case c.Limit > largestLimit:
		r.Fail(n, "concurrency_limit", "value-range", "write a smaller one, or leave it out for no limit",
			"concurrency_limit can't be %d: the server keeps limits up to %d", c.Limit, largestLimit)
	}
	return &c
}

func (r *reader) collision(n *yaml.Node) string {
	return r.among(n, collisions(), "concurrency_limit.collision_strategy", "collision-strategy", collisionFix, "there is no collision strategy %q")
}
