package config

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/setting"
)

// BesideFile is what the settings of one folder's flows are called; they stand beside the flows.
const BesideFile = "flow.yaml"

// Marked gives the files of settings in which a comment may have findings ignored.
func (e Env) Marked() []string { return e.marked }

// Beside gives the environment with what flow.yaml files say of the flows in their own folder. They go over envs/*.yaml, and variables and
// flags go over them. The findings are about these files alone. A file that can't be read is a finding.
func (e Env) Beside(root fs.FS, files []string) (Env, finding.List) {
	if len(files) == 0 {
		return e, nil
	}
	var findings finding.List
	read, beside := map[string]any{}, map[string]*origins{}
	var readers []*reader
	var texts [][]byte
	for _, file := range files {
		if path.Base(file) != BesideFile {
			findings = append(findings, stray(file, path.Join(path.Dir(file), BesideFile)))
			continue
		}
		data, err := readFile(root, file)
		if err != nil {
			findings = append(findings, catalogue.New("file-unreadable", finding.OfFile(file), finding.Finding{
				Position: finding.Position{File: file},
				Message:  fmt.Sprintf("can't read the file: %v", err), Fix: "make it a file that you may read",
			}))
			continue
		}
		if finding.Marked(data) {
			e.marked = append(slices.Clip(e.marked), file)
		}
		r := newReader(file)
		r.beside = true
		readers, texts = append(readers, r), append(texts, data)
	}
	for i, values := range readAll(readers, texts, besideKeys) {
		r := readers[i]
		findings = append(findings, r.findings...)
		findings = append(findings, e.base.beside(r, values)...)
		read[r.file] = values
		r.origins.at, r.origins.known = finding.Position{File: r.file, Line: 1}, true
		beside[r.file] = r.origins
	}
	overrides, err := decodeOverrides(read)
	if err != nil {
		return e, append(findings, catalogue.New("settings", finding.Everything(), finding.Finding{Message: err.Error()}))
	}
	e.beside = overrides
	e.values = maps.Clone(e.values)
	flows, _ := e.values[setting.Flows].(map[string]any)
	e.values[setting.Flows] = joined(flows, read)
	e.origins = e.origins.with(setting.Flows, beside)
	placeSchedules(e.origins, overrides)
	for file, values := range read {
		findings = append(findings, e.revealed(values, []string{setting.Flows, file})...)
	}
	return e, append(findings, references(e, overrides, root)...)
}

// besideKeys is what may stand in such a file.
func besideKeys() setting.Spec {
	keys := setting.OfFlow()
	keys.Example = "concurrency: 1"
	return keys
}

// BesideFiles gives the flow.yaml files that were read, sorted.
func (e Env) BesideFiles() []string { return slices.Sorted(maps.Keys(e.beside)) }

// besideOf gives the flow.yaml file in one of a flow's folders.
func (e Env) besideOf(flowNames []string) (string, bool) {
	for _, dir := range flowNames {
		file := path.Join(dir, BesideFile)
		if _, ok := e.beside[file]; ok {
			return file, true
		}
	}
	return "", false
}

// misplaced tells of a key that belongs to the environment, not to a single flow. at is the mapping that it stands in.
func misplaced(file string, at []string, key string) string {
	if _, known := setting.All().Keys[key]; !known || path.Base(file) != BesideFile && (len(at) != 2 || at[0] != setting.Flows) {
		return ""
	}
	if key == "server" {
		return "all flows of an environment go to one server, as its plan, lock and receipts are there: make another environment, envs/<name>.yaml with its own server, " +
			"and write environments: [<name>] for this flow"
	}
	return "write it in envs/base.yaml or an environment's file: it is no setting of single flows"
}
