package config

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/environ"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/setting"
	"github.com/flowmage/flowmage/tasks/tree"
)

// derive fills settings whose defaults depend on others: the project's name, the pools, the code of dev.
func (l *layers) derive(s Source, env string) finding.List {
	var findings finding.List
	r, values := newReader(fromDefault), map[string]any{}
	project, _ := l.values.Get(projectKey).(string)
	if project == "" && l.rejects("project") {
		project = "project" // a stand-in: there is an error already
	} else if project == "" {
		var f finding.Finding
		var from string
		project, from, f = fallback(s, env)
		findings = append(findings, f)
		if project != "" {
			l.fill(values, r, []string{projectKey}, project, from)
		}
	} else if p, _ := l.origins.place([]string{projectKey}); p.File == fileOf(env) {
		findings = append(findings, catalogue.New("project-place", finding.Everything(), finding.Finding{
			Position: p,
			Message:  "the project is set for one environment only",
			Fix:      "move it to envs/base.yaml",
		}))
	}
	l.pools(values, r, project, env)
	if env == dev && s.Folder != "" && !l.codeSet() {
		l.fill(values, r, []string{"code", "directory"}, s.Folder, fromDefault)
	}
	l.guards(values, r, env)
	l.user = userOf(s.Environ)
	l.over(values, r)
	return findings
}

// pools names the work pools after project and environment.
func (l *layers) pools(values map[string]any, r *reader, project, env string) {
	base := project + "-" + env
	if setting.PoolName(base) != nil {
		base = "flows-" + base
	}
	for _, k := range kind.All() {
		if k == kind.Default || l.wants(k) {
			l.fill(values, r, []string{poolsKey, string(k), "name"}, k.PoolName(base), fromDefault)
			l.fill(values, r, []string{poolsKey, string(k), "type"}, k.PoolTypes()[0], fromDefault)
		}
	}
}

// wants tells whether any flow may be deployed in a kind.
func (l *layers) wants(k kind.Kind) bool {
	lists := func(v any) bool {
		list, _ := v.([]any)
		return slices.Contains(list, any(string(k)))
	}
	if lists(l.values.Get(kindsKey)) {
		return true
	}
	for _, v := range l.flows {
		settings, _ := v.(map[string]any)
		if lists(settings[kindsKey]) || lists(settings["+"+kindsKey]) {
			return true
		}
	}
	return false
}

func (l *layers) codeSet() bool {
	return slices.ContainsFunc(setting.Sources(), func(source string) bool {
		return l.values.Exists(join([]string{"code", source})) || l.rejects("code", source)
	})
}

// guards are all on in production, and off elsewhere.
func (l *layers) guards(values map[string]any, r *reader, env string) {
	on, branches := env == production, []any{}
	if on {
		branches = []any{"main", "master"}
	}
	for _, guard := range []string{"clean_tree", "pinned_images", "own_server", "confirm"} {
		l.fill(values, r, []string{"guards", guard}, on, fromDefault)
	}
	l.fill(values, r, []string{"guards", "branches"}, branches, fromDefault)
}

// userOf gives the user's name in small letters and digits, as a part of names. The variables are those of Unix and Windows.
func userOf(variables environ.List) string {
	name := cmp.Or(variables.Get("USER"), variables.Get("LOGNAME"), variables.Get("USERNAME"))
	return strings.ToLower(setting.Plain(name))
}

// rejects tells whether a setting, or one around it, stands somewhere but is unusable: then it must not be called missing.
func (l *layers) rejects(path ...string) bool {
	for n := range len(path) + 1 {
		if l.rejected[join(path[:n])] {
			return true
		}
	}
	return false
}

// fill adds to a layer what no layer has set.
func (l *layers) fill(values map[string]any, r *reader, key []string, v any, from string) {
	if l.values.Exists(join(key)) {
		return
	}
	r.origins.set(key, finding.Position{File: from, Key: setting.Show(key)})
	for i := len(key); i > 0; i-- {
		v = map[string]any{key[i-1]: v}
	}
	m, _ := v.(map[string]any)
	merger{}.merge(values, m, nil)
}

// fallback finds a name for a project without one.
func fallback(s Source, env string) (name, from string, f finding.Finding) {
	f = catalogue.New("project-missing", finding.Everything(), finding.Finding{
		Position: finding.Position{File: fileOf("base"), Key: projectKey},
	})
	remote := ""
	if s.Remote != nil {
		remote = s.Remote()
	}
	switch {
	case remote != "":
		name, from = setting.ProjectFrom(remote), fromRemote
		f.Message = fmt.Sprintf("no project is set; %q is taken from the git remote", name)
	case env == dev:
		name, from = setting.ProjectFrom(filepath.ToSlash(s.Folder)), fromFolder
		f.Message = fmt.Sprintf("no project is set and there is no git remote; %q is taken from the folder", name)
	default:
		name = "NAME"
		f.Severity, f.Message = finding.Error, "no project is set and there is no git remote to take a name from"
	}
	f.Fix = "write in envs/base.yaml:\n        project: " + name
	if f.Severity == finding.Error {
		name = ""
	}
	return name, from, f
}

// required judges what can only be judged when all layers are there.
func (l *layers) required(e Env, root fs.FS) finding.List {
	var out finding.List
	file := fileOf(e.Name)
	if e.Name != dev && e.Server.URL == "" && !l.rejects("server", "url") {
		out = append(out, catalogue.New("server-missing", finding.Everything(), finding.Finding{
			Position: finding.Position{File: file, Key: "server.url"},
			Message:  "no server is set for " + e.Name,
			Fix:      "write in " + file + ":\n        server:\n          url: https://prefect.example.com/api\n      or set FLOWMAGE_SERVER__URL",
		}))
	}
	if e.Code.Missing() && !e.CodePerFlow() && !l.codeSet() && !l.rejects("code") && len(kind.Imaged(e.Kinds)) < len(e.Kinds) {
		out = append(out, e.CodeMissing())
	}
	if user := e.Origin("prefix"); l.user == "" && strings.Contains(fmt.Sprint(e.values["prefix"]), "{user}") {
		out = append(out, catalogue.New("user-unknown", finding.Everything(), finding.Finding{
			Position: user.Position, Message: "prefix holds {user}, but nobody is named",
			Fix: "set the variable USER, or FLOWMAGE_PREFIX",
		}))
	}
	return slices.Concat(out, e.folders(root), references(e, e.Flow, root), e.revealed(e.values, nil))
}

// CodeMissing is the finding for python deployments without a place where their code is.
func (e Env) CodeMissing() finding.Finding {
	file := fileOf(e.Name)
	return catalogue.New("code-missing", finding.Surroundings(), finding.Finding{
		Position: finding.Position{File: file, Key: "code.directory"},
		Message:  "it is not set where the workers of " + e.Name + " find the flows",
		Fix:      "write in " + file + ":\n        code:\n          directory: /srv/" + cmp.Or(e.Project, "robots") + "\n      or one of git, remote and block: docs/settings.md#where-the-code-is",
	})
}

// references reports names of environments that don't exist.
func references(e Env, flows map[string]Override, root fs.FS) finding.List {
	names, err := List(root)
	if err != nil {
		return nil // told already
	}
	names = append(names, "development", "production")
	var out finding.List
	for _, flow := range slices.Sorted(maps.Keys(flows)) {
		for i, name := range flows[flow].Environments {
			if slices.Contains(names, name) {
				continue
			}
			key := setting.Show([]string{setting.Flows, flow, "environments", setting.Index(i)})
			out = append(out, catalogue.New("environment-unknown", e.Scoped(key), finding.Finding{
				Position: e.Origin(key).Position,
				Message:  fmt.Sprintf("there is no environment %q", name),
				Fix:      setting.Meant(name, names, "there are: "+strings.Join(names[:len(names)-2], ", ")),
			}))
		}
	}
	return out
}

// folders reports paths that are not there. The default may be missing: then there are no flows yet.
func (e Env) folders(root fs.FS) finding.List {
	var out finding.List
	for i, p := range e.Paths {
		at, ok := e.origins.place([]string{"paths", setting.Index(i)})
		if !ok || strings.ContainsAny(p, "*?[{") { // what a glob fits is seen when flows are read
			continue
		}
		if info, err := fs.Stat(root, p); err == nil && info.IsDir() || errors.Is(err, tree.ErrOutside) { // of what is refused the scan says why
			continue
		}
		out = append(out, catalogue.New("path-missing", finding.Surroundings(), finding.Finding{
			Position: at, Message: fmt.Sprintf("the folder %q in paths does not exist", p),
			Fix: setting.Meant(p, subfolders(root, path.Dir(p)), "make the folder, or correct the path"),
		}))
	}
	return out
}

func subfolders(root fs.FS, dir string) []string {
	files, _ := fs.ReadDir(root, dir) // they are only suggested
	var out []string
	for _, f := range files {
		if f.IsDir() {
			out = append(out, path.Join(dir, f.Name()))
		}
	}
	return out
}
