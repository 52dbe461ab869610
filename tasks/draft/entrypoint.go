package draft

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/tree"
)

// leads finds the flows that the entrypoints of a manifest lead to. They count from the repository's root, where the command is run. From the
// manifest's own folder they count where its deployments' runs end there, too: `prefect deploy` is run in that folder then.
type leads struct {
	s      *session.Session
	folder string   // the manifest's own, from the root; "." for the root
	roots  []string // folders from which modules are imported
}

func leadsOf(s *session.Session, m manifest.Manifest, folder string) leads {
	l := leads{s: s, folder: path.Clean(cmp.Or(folder, "."))}
	if slices.ContainsFunc(m.Deployments, func(d manifest.Deployment) bool {
		e, ok := manifest.ParseEntrypoint(d.Entrypoint)
		return ok && e.Script == ""
	}) {
		l.roots = sources(s)
	}
	return l
}

// sources are the folders from which an installed project's modules are imported: that of each pyproject.toml, setup.py or setup.cfg, and its src.
func sources(s *session.Session) []string {
	out := []string{".", "src"}
	for _, name := range []string{"pyproject.toml", "setup.py", "setup.cfg"} {
		for _, depth := range []string{"*/", "*/*/"} {
			found, _ := fs.Glob(s.Tree(), depth+name)
			for _, file := range found {
				out = append(out, path.Dir(file), path.Join(path.Dir(file), "src"))
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// candidate is a file that an entrypoint may mean.
type candidate struct {
	file string
	own  bool // it counts from the manifest's folder
}

// candidates gives the files that are there, those that count from the root first.
func (l leads) candidates(d manifest.Deployment) []candidate {
	e, ok := manifest.ParseEntrypoint(d.Entrypoint)
	if !ok {
		return nil
	}
	if filepath.IsAbs(e.Script) {
		e.Script = l.s.Relative(filepath.Clean(e.Script))
	}
	var out []candidate
	add := func(folder string, own bool) {
		for _, file := range e.Files(folder) {
			if tree.HasFile(l.s.Tree(), file) && !slices.ContainsFunc(out, func(c candidate) bool { return c.file == file }) {
				out = append(out, candidate{file, own})
			}
		}
	}
	add(".", false)
	if there, _ := d.Ends(l.folder); there && l.folder != "." {
		add(l.folder, true)
	}
	if e.Script == "" && len(out) == 0 {
		for _, root := range l.roots {
			add(root, false)
		}
	}
	return out
}

// files gives all files that the deployments may mean, those included that a hint may name.
func (l leads) files(m manifest.Manifest) []string {
	var out []string
	for _, d := range m.Deployments {
		list := l.candidates(d)
		if there := l.elsewhere(d); there != "" {
			list = append(list, candidate{file: there})
		}
		for _, c := range list {
			if !slices.Contains(out, c.file) {
				out = append(out, c.file)
			}
		}
	}
	if len(out) == 0 {
		out = []string{"."}
	}
	return out
}

// elsewhere gives the file that an entrypoint would mean if it counted from the manifest's folder, where it does not.
func (l leads) elsewhere(d manifest.Deployment) string {
	e, ok := manifest.ParseEntrypoint(d.Entrypoint)
	if there, _ := d.Ends(l.folder); !ok || there || l.folder == "." || e.Script == "" {
		return ""
	}
	if file := e.Files(l.folder)[0]; tree.HasFile(l.s.Tree(), file) {
		return file
	}
	return ""
}

// resolve says of each deployment which flow it leads to, and fills in what Prefect would: the default pool, and a pull step that leads to where
// the entrypoint counts from (Prefect: cli/deploy/_actions.py). Of an entrypoint that fits in two places it is not known.
func (l leads) resolve(m *manifest.Manifest, flows []flow.Flow) finding.List {
	var out finding.List
	pool, _ := l.s.Environ.Lookup("PREFECT_DEPLOYMENTS_DEFAULT_WORK_POOL_NAME")
	for i := range m.Deployments {
		d := &m.Deployments[i]
		e, _ := manifest.ParseEntrypoint(d.Entrypoint)
		fitting := slices.DeleteFunc(l.candidates(*d), func(c candidate) bool {
			return !slices.ContainsFunc(flows, func(f flow.Flow) bool { return f.Entrypoint == c.file+":"+e.Object })
		})
		own := false
		if len(fitting) > 0 {
			d.Flow, own = fitting[0].file+":"+e.Object, fitting[0].own
		}
		if len(fitting) > 1 {
			out = append(out, catalogue.New("entrypoint-ambiguous", d.Scope(), finding.Finding{
				Position: d.Position, Subject: d.Name,
				Message: fmt.Sprintf("the entrypoint %s may be %s, and it may be %s", d.Entrypoint, fitting[0].file, fitting[1].file),
				Fix:     "write one that fits in one place, such as " + d.Flow,
			}))
		}
		if d.WorkPool.Name == "" {
			d.WorkPool.Name = pool
		}
		if !d.HasPull {
			l.fillPull(d, own)
		}
	}
	return out
}

func (l leads) fillPull(d *manifest.Deployment, own bool) {
	directory := l.s.Root
	if own {
		directory = filepath.Join(l.s.Root, filepath.FromSlash(l.folder))
	}
	if _, image := d.WorkPool.JobVariables["image"]; image {
		directory = "/opt/prefect"
	}
	d.Pull, d.HasPull = []map[string]any{{
		"prefect.deployments.steps.set_working_directory": map[string]any{"directory": directory},
	}}, true
}

// hint explains entrypoints that count from the manifest's folder, as old versions of Prefect had them: only where runs would find the other way
// of writing it.
func (l leads) hint(findings finding.List, m manifest.Manifest, flows []flow.Flow) {
	for i := range findings {
		f := &findings[i]
		at := slices.IndexFunc(m.Deployments, func(d manifest.Deployment) bool { return d.Scope() == f.Scope })
		if at < 0 {
			continue
		}
		d := m.Deployments[at]
		file := l.elsewhere(d)
		_, object, _ := strings.Cut(d.Entrypoint, ":")
		if file == "" || !slices.ContainsFunc(flows, func(x flow.Flow) bool { return x.Entrypoint == file+":"+object }) {
			continue
		}
		if _, known := d.Ends(l.folder); known {
			f.Fix = "entrypoints count from the repository's root, not from the file's folder: write " + file + ":" + object
		} else {
			f.Fix = fmt.Sprintf("if runs end in %s, have a set_working_directory step say so; else write %s:%s", l.folder, file, object)
		}
	}
}
