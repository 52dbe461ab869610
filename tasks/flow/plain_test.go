package flow_test

import (
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unsafe"
	"weak"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/flow"
)

// A flow is made of plain values: nothing that it holds comes from the parser.
func TestPlain(t *testing.T) {
	t.Parallel()
	seen := map[reflect.Type]bool{}
	var walk func(reflect.Type)
	walk = func(x reflect.Type) {
		if seen[x] {
			return
		}
		seen[x] = true
		switch x.Kind() {
		case reflect.Func, reflect.Chan, reflect.UnsafePointer:
			t.Errorf("%s is no plain value", x)
		case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
			walk(x.Elem())
		case reflect.Struct:
			for f := range x.Fields() {
				walk(f.Type)
			}
		default:
		}
		if strings.HasSuffix(x.PkgPath(), "tasks/python") {
			t.Errorf("%s is the parser's", x)
		}
	}
	walk(reflect.TypeFor[flow.Flow]())
	if len(seen) < 10 {
		t.Error("nothing was looked at")
	}
}

// Who drops a result's library frees the trees and the texts of all files, whatever flows take from them.
func TestFreed(t *testing.T) {
	t.Parallel()
	const above = "from prefect import flow\nTAGS = ['nightly', 'slow']\nLIMITS = {'runs': 'many'}\n"
	sources := []string{
		above + "@flow\ndef first(day: str, limit: int = 10) -> str:\n    '''Do it.'''\n",
		above + "@flow(name='second', description='told', log_prints=True, retries=2)\nasync def other(a, /, *rest, note='x', **more): ...\n",
		above + "class C:\n    @classmethod\n    @flow(flow_run_name='third', tags=TAGS, limits=LIMITS)\n    def run(cls, x): ...\n",
		above + "def plain(x: int): ...\nmade = flow(plain, name='made', version='one')\n",
		above + "def lookalike(): ...\n@tools.flow\ndef not_one(deſk: int = 1): ...\n",
		above + "fn = flow(print)\n@flow\ndef bound(): ...\nbound = 1\n",
	}
	root := fstest.MapFS{}
	for i, text := range sources {
		root[string(rune('a'+i))+".py"] = &fstest.MapFile{Data: []byte(text)}
	}
	r := scan(t, root, flow.Options{})
	var texts []weak.Pointer[byte]
	for name := range root {
		m, err := r.Library.Module(name)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, weak.Make(unsafe.StringData(m.Source)))
	}
	trees := weak.Make(r.Library)
	flows := slices.Concat(r.Flows, r.Others)
	if len(flows) != 7 || len(texts) != len(sources) {
		t.Fatal(len(flows), flows)
	}
	r.Library = nil
	runtime.GC()
	var kept []string
	for _, text := range texts {
		if p := text.Value(); p != nil {
			kept = append(kept, unsafe.String(p, 60))
		}
	}
	if diff := cmp.Diff([]string(nil), kept); diff != "" || trees.Value() != nil {
		t.Error(trees.Value() != nil, diff)
	}
	runtime.KeepAlive(flows)
}
