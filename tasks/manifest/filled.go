package manifest

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/finding"
)

// early reports a placeholder at a key whose value Prefect wants before it fills anything in.
func (r *reader) early(n *yaml.Node, key string) bool {
	if n.Kind != yaml.ScalarNode || n.Tag != textTag || !strings.Contains(n.Value, "{{") {
		return false
	}
	r.Fail(n, key, "placeholder-early", "write the value itself",
		"%s takes no placeholder: Prefect reads it before anything is filled in, and would drop the whole file", key)
	return true
}

// laterTruth reads a truth value that Prefect reads when placeholders have been filled in: then it gives the text.
func (r *reader) laterTruth(n *yaml.Node, key string) (*bool, string) {
	if n.Kind == yaml.ScalarNode && n.Tag == textTag && strings.Contains(n.Value, "{{") {
		return nil, n.Value
	}
	return r.truth(n, key), ""
}

// flag reads a truth value of a step, for which Prefect takes any text, were it "false", as true.
func (r *reader) flag(n *yaml.Node, key string) bool {
	quoted := n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0
	if n.Kind == yaml.ScalarNode && (quoted || n.Tag == textTag && !document.OldTruth(n.Value)) {
		r.Fail(n, key, wrongType, "write true or false, without quotes", "%s must be true or false, this is %s, and Prefect would take any text for true", key, document.Kind(n))
		return false
	}
	truth := r.truth(n, key)
	return truth != nil && *truth
}

// form judges how placeholders are written.
func (r *resolving) form(s, key string) {
	if strings.HasSuffix(key, ".script") || key == "script" { // a shell's or Go's own templates may stand there
		return
	}
	if name, wrong := document.Malformed(s); wrong {
		r.report(finding.Error, key, "placeholder-form", document.VariableFix(name),
			fmt.Sprintf("the placeholder of %s in %s is none that Prefect fills in: it would store the text as it stands", name, key))
	}
}

// unset tells of a variable without a value. What a deployment is, where it goes and when it runs must not depend on one.
func (r *resolving) unset(name, key string) {
	head, has := document.Defaulted(name)
	switch {
	case has:
		r.report(finding.Error, key, "placeholder-form", document.VariableFix(head),
			fmt.Sprintf("%s has something behind the name of the variable %s, which Prefect would take as part of the name, and leave the value empty", key, head))
	case slices.Contains([]string{"name", "entrypoint", "work_pool.name"}, key), strings.HasPrefix(key, "schedules.") && !strings.HasPrefix(key, "schedules.parameters."):
		r.report(finding.Error, key, "variable-unset", "set it, or write the value",
			fmt.Sprintf("the environment variable %s in %s is not set", name, key))
	default:
		r.report(finding.Warning, key, "variable-unset", "set it, or write the value",
			fmt.Sprintf("the environment variable %s in %s is not set, so it is empty", name, key))
	}
}

// identity judges the names of a deployment that were filled in.
func (r *resolving) identity(before Deployment, d *Deployment) {
	if r.findings.HasErrors() {
		return
	}
	if d.Name = shortName(d.Name); d.Name != before.Name && !legal.MatchString(d.Name) {
		r.report(finding.Error, "name", "deployment-name", "give it a name without / % & < >",
			fmt.Sprintf("Prefect does not accept the deployment name %q; the value came from %s", d.Name, before.Name))
	}
	if d.Entrypoint != before.Entrypoint && !complete(d.Entrypoint) {
		r.report(finding.Error, "entrypoint", "entrypoint-form", "write path/to/file.py:function",
			fmt.Sprintf("the entrypoint %q names no file and function; the value came from %s", d.Entrypoint, before.Entrypoint))
	}
}

// settle judges schedules that have been filled in.
func (r *resolving) settle(before, after []Schedule) []Schedule {
	out, findings := Settle(r.name, r.scope, before, after)
	for _, f := range findings {
		told := func(x finding.Finding) bool {
			x.Position.Key = strings.TrimPrefix(x.Position.Key, "schedules.")
			return x.Severity == finding.Error && x.Position == f.Position
		}
		if !slices.ContainsFunc(r.findings, told) { // of a variable that is not set nothing more is told
			r.findings = append(r.findings, f)
		}
	}
	slugs := map[string]bool{}
	for i, s := range out {
		if slugs[s.Slug] && s.Slug != "" && (s.Slug != before[i].Slug || strings.Contains(s.Slug, "{{")) {
			r.reportAt(finding.Error, s.Position, "slug", "slug-duplicate", "give each schedule its own slug",
				fmt.Sprintf("the slug %q stands twice; the value came from %s", s.Slug, before[i].Slug))
		}
		slugs[s.Slug] = true
	}
	return out
}

// twice reports deployments that have one name only when their variables have been filled in.
func twice(before, after []Deployment) finding.List {
	var out finding.List
	for _, pair := range repeated(after) {
		i, first := pair[0], pair[1]
		if before[i].Name != before[first].Name || before[i].Entrypoint != before[first].Entrypoint { // else it is told
			after[first].Shares = append(slices.Clip(after[first].Shares), after[i].Scope())
			out = append(out, duplicate(after[i], "the deployment %q of %s is at line %d already once its variables are filled in", after[first]))
		}
	}
	return out
}

// options fills in how runs beyond a limit are treated.
func (r *resolving) options(c *Concurrency) *Concurrency {
	if c == nil || !strings.Contains(c.Collision, "{{") {
		return c
	}
	out := *c
	const key = "concurrency_limit.collision_strategy"
	if out.Collision = r.text(c.Collision, key); !slices.Contains(collisions(), out.Collision) && !r.findings.HasErrors() {
		at, marked := r.marks[c.Collision]
		if !marked {
			at = r.at
		}
		r.reportAt(finding.Error, at, key, "collision-strategy", collisionFix,
			fmt.Sprintf("there is no collision strategy %q; the value came from %s", out.Collision, c.Collision))
	}
	return &out
}

const collisionFix = "write ENQUEUE (further runs wait) or CANCEL_NEW (they are cancelled)"

// collisions are what may become of runs beyond a limit.
func collisions() []string { return []string{"ENQUEUE", "CANCEL_NEW"} }

// shell warns of a variable as shells write it, which Prefect leaves as it is.
func (r *resolving) shell(s, key string) {
	m := shellForm.FindStringSubmatch(s)
	if m == nil || !atOnce(key) && !strings.HasPrefix(key, "parameters.") && !strings.HasPrefix(key, "schedules.parameters.") {
		return
	}
	r.report(finding.Warning, key, "placeholder-form", "write {{ $"+m[1]+" }} if the variable is meant", fmt.Sprintf("%s is the text %s: Prefect fills in no variables of that form", key, s))
}

// shellFix puts the right form of a variable in front of a fix.
func shellFix(value, fix string) string {
	if m := shellForm.FindStringSubmatch(value); m != nil {
		return "write {{ $" + m[1] + " }} if the variable is meant; otherwise " + fix
	}
	return fix
}

// about gives findings with the name that a deployment has now.
func about(list finding.List, scope finding.Scope, before, now string) finding.List {
	for i := range list {
		if list[i].Subject == before {
			list[i].Subject, list[i].Scope = now, scope
		}
	}
	return list
}
