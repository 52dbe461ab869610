package config_test

import (
	"encoding/json"
	"testing"
	"testing/fstest"

	"github.com/flowmage/flowmage/tasks/config"
)

// FuzzLoad: whatever the files and variables hold, Load ends without a panic, what it gives can be written as JSON, and each
// setting that it explains has a place.
func FuzzLoad(f *testing.F) {
	f.Add([]byte("project: x\ntags: [a]\n"), []byte("+tags: [b]\nflows: {rpa1: {+tags: [c]}}\n"), "PARAMETERS__X", "{a: 1}")
	f.Add([]byte("a: &a {<<: *a}\n"), []byte("parameters: &p\n  x: [*p]\n"), "FLOWS__RPA1__TAGS", "a,b")
	f.Add([]byte(bomb(3)), []byte("\xef\xbb\xbf---\n...\n"), "SERVER__URL", "http://x/api")
	f.Add([]byte("? [a]\n: b\n"), []byte("schedules: [{cron: x, interval: .inf}]\n"), "ENV__", "\x00")
	f.Add([]byte("parameters: {a: 0777, b: !!int x, c: 2026-01-01}\n"), []byte("\t\n"), "SCHEDULES", "[{interval: 1}]")
	f.Add([]byte("0"), []byte("0"), "", "0")
	f.Fuzz(func(t *testing.T, base, file []byte, name, value string) {
		root := fstest.MapFS{"envs/base.yaml": {Data: base}, "envs/dev.yaml": {Data: file}}
		s := config.Source{Root: root, Env: "dev", Environ: []string{"FLOWMAGE_" + name + "=" + value}, Flags: map[string]string{name: value}}
		e, findings, err := config.Load(s)
		if err != nil {
			t.Fatalf("%v\n%q\n%q", err, base, file)
		}
		root["flows/rpa1/flow.yaml"] = &fstest.MapFile{Data: file}
		e, more := e.Beside(root, []string{"flows/rpa1/flow.yaml"})
		for _, one := range append(findings, more...) {
			if one.Code == "" || one.Message == "" || one.Position.File == "" {
				t.Errorf("a finding without code, text or place: %+v", one)
			}
		}
		for _, v := range e.Explain() {
			if v.Origin.File == "" {
				t.Errorf("%s has no origin", v.Key)
			}
		}
		if _, err := json.Marshal(e.Settings("rpa1", "flows", "flows/rpa1")); err != nil {
			t.Errorf("settings: %v", err)
		}
	})
}
