package tail

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/local"
)

// A log is read on where it was left: a line waits for its end, and a file that became shorter is another one.
func TestNext(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "server.log")
	f := &file{LogFile: local.LogFile{Name: "server", Path: path}}
	for _, c := range []struct {
		text string // what the file holds now; "-": it is not there
		want []string
	}{
		{"-", nil}, {"one\ntw", []string{"one"}}, {"one\ntwo\r\nthree\n", []string{"two", "three"}}, {"one\ntwo\r\nthree\n", nil}, {"new\n", []string{"new"}}, {"-", nil}, {"again\n", []string{"again"}},
	} {
		err := os.WriteFile(path, []byte(c.text), 0o600)
		if c.text == "-" {
			err = os.RemoveAll(path)
		}
		if err != nil {
			t.Fatal(err)
		}
		got, err := f.next()
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("%q: %s, %v", c.text, diff, err)
		}
	}
}

func TestChosen(t *testing.T) {
	t.Parallel()
	logs := []local.LogFile{{Name: "install"}, {Name: "server"}, {Name: "worker-local"}}
	for name, c := range map[string]struct {
		only, want []string
		code       fault.Code
	}{
		"without a word": {nil, []string{"server", "worker-local"}, fault.OK},
		"beginnings":     {[]string{"work", "inst"}, []string{"install", "worker-local"}, fault.OK},
		"none such":      {[]string{"sever"}, nil, fault.Usage},
	} {
		list, err := chosen(logs, c.only)
		var got []string
		for _, f := range list {
			got = append(got, f.Name)
		}
		if diff := cmp.Diff(c.want, got); diff != "" || fault.CodeOf(err) != c.code {
			t.Errorf("%s: %s, %v", name, diff, err)
		}
	}
}
