package config

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/knadh/koanf/v2"

	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
)

// layers holds the layers merged so far, in koanf, and where each value of them came from.
type layers struct {
	values *koanf.Koanf
	// flows are what lies below that key. There may be thousands, and koanf copies all that it holds again and again.
	flows   map[string]any
	origins *origins
	schema  spec
	user    string // who deploys, for {user}
	// late are the overrides that variables and flags set: they go over files beside flows.
	late map[string]any
	// rejected are settings that stand somewhere but can't be used, by joined path: not missing, but not there either.
	rejected map[string]bool
}

func newLayers() *layers {
	l := &layers{values: koanf.New(separator), origins: newOrigins(), schema: schema(), rejected: map[string]bool{}}
	l.over(map[string]any{
		"naming":  "{flow}-{kind}-{env}",
		kindsKey:  []any{python},
		"paths":   []any{"flows"},
		"exclude": []any{}, "tags": []any{}, "schedules": []any{},
		"prune": false, "protect": false, "pause_schedules": false, "containers": "on",
	}, newReader(fromDefault))
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
	if chosen, ok := values["code"].(map[string]any); ok {
		l.choose(chosen)
	}
	if flows, ok := values[flowsKey].(map[string]any); ok {
		values = maps.Clone(values)
		delete(values, flowsKey)
		if l.flows == nil {
			l.flows = map[string]any{}
		}
		m := merger{origins: l.origins, from: from.origins}
		m.place([]string{flowsKey})
		m.merge(l.flows, flows, []string{flowsKey})
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
		values[flowsKey] = l.flows
	}
	return values
}

// choose drops where lower layers say that the code is, when a higher one names another kind of place.
func (l *layers) choose(code map[string]any) {
	low, _ := l.values.Get("code").(map[string]any)
	for _, source := range sources() {
		if _, same := code[source]; same || low[source] == nil || len(code) == 0 {
			continue
		}
		l.origins.forget([]string{"code", source}, low[source])
		l.values.Delete(join([]string{"code", source}))
	}
}

// files reads base.yaml and the environment's file.
func (l *layers) files(root fs.FS, name string) (finding.List, error) {
	var findings finding.List
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
		r := newReader(file)
		l.over(r.layer(data, l.schema), r)
		findings = append(findings, r.findings...)
	}
	return findings, nil
}

// readFile reads no more than the reader will take, so that a huge file costs no memory.
func readFile(root fs.FS, file string) ([]byte, error) {
	info, err := fs.Stat(root, file)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, fmt.Errorf("%s is a folder", file)
	}
	if info.Size() > document.Largest {
		return make([]byte, document.Largest+1), nil
	}
	return fs.ReadFile(root, file)
}

// missing tells of a file that is not there. The base file is only missed for the project's name, which is told apart.
func missing(root fs.FS, file, name string) finding.List {
	if file == fileOf("base") {
		return ignored(root, file)
	}
	f := finding.Finding{
		Code: "missing-environment-file", Severity: finding.Warning, Position: finding.Position{File: file},
		Message: fmt.Sprintf("the environment %s has no file; envs/base.yaml and defaults hold", name),
		Fix:     "write the file; an empty one will do",
	}
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
	return finding.Finding{
		Code: "stray-file", Severity: finding.Warning, Position: finding.Position{File: other},
		Message: "this file is not read, " + file + " is", Fix: "move what you need to " + file + " and remove it",
	}
}

// env decodes the merged layers.
func (l *layers) env(name string) (Env, error) {
	values := l.all()
	e := Env{Name: name, values: values, origins: l.origins}
	late, err := decodeOverrides(l.late)
	if err == nil {
		err = fill(&e, forDecoding(values))
	}
	if err != nil {
		return Env{}, fmt.Errorf("settings of %s: %w", name, err)
	}
	e.late = late
	e.Server.URL = strings.TrimRight(e.Server.URL, "/")
	for i, p := range e.Paths {
		e.Paths[i] = slashed(p)
	}
	e.Prefix = strings.ReplaceAll(e.Prefix, user, l.user)
	e.placeSchedules()
	e.folded = foldedNames(e.Flow)
	return e, nil
}

// forDecoding gives the values in the shape of [Env], with no list waiting to be appended.
func forDecoding(values map[string]any) map[string]any {
	out := maps.Clone(values)
	for _, key := range []string{"parameters", "job_variables"} {
		if m, ok := out[key].(map[string]any); ok {
			out[key] = settled(m)
		}
	}
	return out
}

// shaped gives overrides in the shape of [Override]: with a list of those keys that append.
func shaped(flows map[string]any) map[string]any {
	named := make(map[string]any, len(flows))
	for flow, v := range flows {
		settings, _ := v.(map[string]any)
		plain := make(map[string]any, len(settings)+1)
		var appended []any
		for key, v := range settings {
			name, plus := strings.CutPrefix(key, "+")
			plain[name] = v
			if plus {
				appended = append(appended, name)
			}
		}
		if appended != nil {
			slices.SortFunc(appended, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
			plain["append"] = appended
		}
		named[flow] = plain
	}
	return named
}

// decodeOverrides gives overrides as Go values.
func decodeOverrides(flows map[string]any) (map[string]Override, error) {
	var out map[string]Override
	conf := decoding()
	conf.Result, conf.TagName = &out, "koanf"
	decoder, err := mapstructure.NewDecoder(conf)
	if err != nil || len(flows) == 0 {
		return nil, err
	}
	err = decoder.Decode(shaped(flows))
	return out, err
}

// fill fills settings from plain values.
func fill(e *Env, values map[string]any) error {
	flows, _ := values[flowsKey].(map[string]any)
	delete(values, flowsKey)
	decoded := koanf.New(separator)
	if err := decoded.Load(provider(values), nil); err != nil {
		return err
	}
	if err := decoded.UnmarshalWithConf("", e, koanf.UnmarshalConf{DecoderConfig: decoding()}); err != nil {
		return err
	}
	overrides, err := decodeOverrides(flows)
	e.Flow = overrides
	return err
}

// decoding is strict: what no field takes is an error, as the reader has judged everything before.
func decoding() *mapstructure.DecoderConfig {
	return &mapstructure.DecoderConfig{ErrorUnused: true, MatchName: func(key, field string) bool { return key == field }}
}

// placeSchedules tells each schedule where it is written.
func (e *Env) placeSchedules() {
	for i := range e.Schedules {
		e.Schedules[i].Position = e.origins.at[join([]string{"schedules", index(i)})]
	}
	for flow, o := range e.Flow {
		placeSchedules(e.origins, flow, o)
	}
	for flow, o := range e.late {
		placeSchedules(e.origins, flow, o)
	}
}

func placeSchedules(from *origins, flow string, o Override) {
	for i := range o.Schedules {
		for _, key := range []string{"schedules", "+schedules"} {
			if p, ok := from.at[join([]string{flowsKey, flow, key, index(i)})]; ok {
				o.Schedules[i].Position = p
			}
		}
	}
}
