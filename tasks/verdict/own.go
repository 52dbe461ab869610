package verdict

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/finding"
)

// Judge is [Law.Apply] with what is wrong with the comments themselves. list is all that was found in their files.
func (l Law) Judge(list finding.List) finding.List {
	return slices.Concat(l.Apply(list), l.About(list, l.Ignores))
}

// About tells what is wrong with comments, as bad as the law has it. list is all that was found in their files.
func (l Law) About(list finding.List, ignores []Ignore) finding.List {
	if len(ignores) == 0 {
		return nil
	}
	var out finding.List
	near := l.Rules.Near()
	for _, i := range ignores {
		if !i.counts() {
			out = append(out, i.report("ignore-changed", "this ignores something, and does not count before it is in "+i.unmerged, "none, if it is meant: it holds once it is merged"))
			continue
		}
		out = append(out, l.about(list, i, near)...)
	}
	return Law{Rulings: l.Rulings, Rules: l.Rules}.Apply(out)
}

func (l Law) about(list finding.List, i Ignore, near func(string) string) finding.List {
	var out finding.List
	if len(i.Codes) == 0 {
		out = append(out, i.report("ignore-unknown", "this names nothing to ignore", "write `# flowmage: ignore CODE reason`; the code stands in brackets behind each finding"))
	} else if i.Reason == "" {
		out = append(out, i.report("ignore-reason", "this ignores "+strings.Join(i.Codes, ", ")+" and does not say why", "write the reason behind it"))
	}
	for _, name := range i.Codes {
		rule, known := l.Rules[name]
		one := i
		one.Codes = []string{name}
		found := list.Where(one.means)
		switch {
		case !known:
			out = append(out, i.report("ignore-unknown", fmt.Sprintf("there is no rule %q", name), finding.Meant(near(name), "mage verify:rules lists them")))
		case found.HasErrors() && rule.Firm:
			f := i.report("rule-firm", "an error of "+name+" stays an error", "correct what it tells of, and remove this; mage verify:rules "+name+" explains it")
			out = append(out, f.As(finding.Warning))
		case len(found) == 0 && rule.Needs.Within(l.judged(i.At.File)):
			f := i.report("ignore-unused", "nothing here has the code "+name, "remove it; it counts for its own line, or alone on a line for the next one")
			if len(i.Codes) == 1 {
				f.Edit = i.removal
			}
			out = append(out, f)
		}
	}
	return out
}

// judged gives what those rules look at whose findings in a file are the same whatever else there is, and so known.
func (l Law) judged(file string) finding.Needs {
	switch {
	case file == l.Manifest, file == "envs/"+l.Env+".yaml":
		return finding.Source | finding.Settings | finding.Manifest
	case inSettings(file):
		return finding.Settings | finding.Manifest
	case strings.HasSuffix(file, ".py"), declares(file):
		return finding.Source
	default:
		return finding.Image
	}
}

func inSettings(file string) bool {
	return path.Base(file) == config.BesideFile || path.Dir(file) == "envs" && path.Ext(file) == ".yaml"
}

// report makes a finding about the comment.
func (i Ignore) report(code, message, fix string) finding.Finding {
	scope := finding.OfFile(i.At.File)
	if path.Dir(i.At.File) == "envs" {
		scope = finding.Everything()
	}
	return catalogue.New(code, scope, finding.Finding{Position: i.At, Message: message, Fix: fix})
}
