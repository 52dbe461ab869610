package config

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/knadh/koanf/v2"

	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/setting"
	"github.com/flowmage/flowmage/tasks/tree"
)

// layers holds the layers merged so far, in koanf, and where each value of them came from.
type layers struct {
	values *koanf.Koanf
	// flows are what lies below that key. There may be thousands, and koanf copies all that it holds again and again.
	flows   map[string]any
	origins *origins
	schema  setting.Spec
	user    string // who deploys, for {user}
	// late are the overrides that variables and flags set: they go over files beside flows.
	late map[string]any
	// rejected are settings that stand somewhere but can't be used, by joined path: not missing, but not there either.
	rejected map[string]bool
	from     string   // stands in front of files' names in positions
	marked   []string // files in which something may be ignored
}

func newLayers() *layers {
	l := &layers{values: koanf.New(separator), origins: &origins{}, schema: setting.All(), rejected: map[string]bool{}}
	l.over(setting.Initial(), newReader(fromDefault))
	return l
}

// provider hands a layer to koanf as it is. koanf's own confmap copies it first.
type provider map[string]any

// Read gives the layer.
func (p provider) Read() (map[string]any, error) { return p, nil }

// ReadBytes is never called: layers need no parser.
func (p provider) ReadBytes() ([]byte, error) { return nil, errors.ErrUnsupported }

// over puts a layer on top.
func (l *layers) over(values map[string]any, from *reader) {
	maps.Copy(l.rejected, from.rejected)
	if len(values) == 0 { // koanf copies everything for each layer
		return
	}
	l.choose(values)
	if flows, ok := values[setting.Flows].(map[string]any); ok {
		values = maps.Clone(values)
		delete(values, setting.Flows)
		if l.flows == nil {
			l.flows = map[string]any{}
		}
		m := merger{origins: l.origins, from: from.origins}
		m.place([]string{setting.Flows})
		m.merge(l.flows, flows, []string{setting.Flows})
	}
	merge := func(src, dest map[string]any) error {
		merger{origins: l.origins, from: from.origins}.merge(dest, src, nil)
		return nil
	}
	// A map in memory that is merged by a function without errors: there is nothing that can fail.
	_ = l.values.Load(provider(values), nil, koanf.WithMergeFunc(merge))
}

// all gives everything that is set so far.
func (l *layers) all() map[string]any {
	values := l.values.Raw()
	if l.flows != nil {
		values[setting.Flows] = l.flows
	}
	return values
}

// files reads base.yaml and the environment's file.
func (l *layers) files(root fs.FS, name string) (finding.List, error) {
	var findings finding.List
	var readers []*reader
	var texts [][]byte
	for _, file := range []string{fileOf("base"), fileOf(name)} {
		data, err := readFile(root, file)
		if errors.Is(err, fs.ErrNotExist) {
			findings = append(findings, missing(root, file, name)...)
			continue
		}
		if err != nil {
			return nil, &fault.Error{
				Code: fault.Findings, What: "the settings can't be read", Where: file, Err: err, Next: "make it a file that you may read",
			}
		}
		findings = append(findings, ignored(root, file)...)
		if finding.Marked(data) {
			l.marked = append(l.marked, file)
		}
		readers, texts = append(readers, newReader(l.from+file)), append(texts, data)
	}
	for i, values := range readAll(readers, texts, setting.All) {
		l.over(values, readers[i])
		findings = append(findings, readers[i].findings...)
	}
	return findings, nil
}

// readAll reads files side by side; the results are in their order. Each worker has declarations of its own, as they remember what they judged.
func readAll(readers []*reader, texts [][]byte, keys func() setting.Spec) []map[string]any {
	out := make([]map[string]any, len(readers))
	var next atomic.Int64
	var working sync.WaitGroup
	for range min(len(readers), runtime.GOMAXPROCS(0)) {
		working.Go(func() {
			s := keys()
			for i := next.Add(1) - 1; int(i) < len(readers); i = next.Add(1) - 1 {
				out[i] = readers[i].layer(texts[i], s)
			}
		})
	}
	working.Wait()
	return out
}

// readFile reads one of the settings' files.
func readFile(root fs.FS, file string) ([]byte, error) {
	return document.Loaded(tree.Read(root, file, document.Largest))
}

// missing tells of a file that is not there. The base file is only missed for the project's name, which is told apart.
func missing(root fs.FS, file, name string) finding.List {
	if file == fileOf("base") {
		return ignored(root, file)
	}
	f := catalogue.New("environment-file-missing", finding.Everything(), finding.Finding{
		Position: finding.Position{File: file},
		Message:  fmt.Sprintf("the environment %s has no file; envs/base.yaml and defaults hold", name),
		Fix:      "write the file; an empty one will do",
	})
	for _, other := range strays(root, file) {
		f.Why = other + " is not read"
		f.Fix = "rename it to " + file
	}
	return finding.List{f}
}

// ignored tells of files beside a settings file that look like it but are not read.
func ignored(root fs.FS, file string) finding.List {
	others := strays(root, file)
	out := make(finding.List, 0, len(others))
	for _, other := range others {
		out = append(out, stray(other, file))
	}
	return out
}

func stray(other, file string) finding.Finding {
	return catalogue.New("file-stray", finding.Everything(), finding.Finding{
		Position: finding.Position{File: other},
		Message:  "this file is not read, " + file + " is", Fix: "move what you need to " + file + " and remove it",
	})
}

// placeSchedules tells each schedule where it is written.
func (e *Env) placeSchedules() {
	for i := range e.Schedules {
		e.Schedules[i].Position, _ = e.origins.place([]string{"schedules", setting.Index(i)})
	}
	placeSchedules(e.origins, e.Flow)
	placeSchedules(e.origins, e.late)
}

func placeSchedules(from *origins, flows map[string]Override) {
	for flow, o := range flows {
		for i := range o.Schedules {
			for _, key := range []string{schedulesKey, "+" + schedulesKey} {
				if p, ok := from.place([]string{setting.Flows, flow, key, setting.Index(i)}); ok {
					o.Schedules[i].Position = p
				}
			}
		}
	}
}
