package schema_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/prerequisite"
	"github.com/flowmage/flowmage/tasks/python"
	"github.com/flowmage/flowmage/tasks/schema"
)

// TestRepository compares all flows of Prefect's own repository that can be loaded here.
func TestRepository(t *testing.T) {
	t.Parallel()
	root := prerequisite.Sources(t)
	scanned, err := flow.Scan(t.Context(), flow.Folder(root), flow.Options{})
	if err != nil {
		t.Fatal(err)
	}
	wanted := make([][2]string, 0, len(scanned.Flows))
	for _, f := range scanned.Flows {
		wanted = append(wanted, [2]string{f.File, f.Function})
	}
	list, err := json.Marshal(wanted)
	if err != nil {
		t.Fatal(err)
	}
	script, err := filepath.Abs(filepath.Join("testdata", "flows.py"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), prerequisite.Python(t), script, root)
	cmd.Stdin, cmd.Dir = bytes.NewReader(list), t.TempDir()
	cmd.Env = append(os.Environ(), "PREFECT_HOME="+t.TempDir(), "PYTHONDONTWRITEBYTECODE=1")
	said, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []map[string]any
	dec := json.NewDecoder(bytes.NewReader(said))
	dec.UseNumber()
	if err := dec.Decode(&all); err != nil {
		t.Fatal(err)
	}
	reader, count := schema.NewReader(scanned.Library), tally{reasons: map[string]int{}}
	for i, f := range scanned.Flows {
		if reason, broken := all[i]["error"]; broken {
			t.Logf("not loaded: %s: %v", f.Entrypoint, reason)
			count.refused++
			continue
		}
		got, untyped := reader.Flow(f)
		count.parameters, count.untyped = count.parameters+len(got.Properties), count.untyped+len(untyped)
		for _, u := range untyped {
			t.Logf("%s: %s is untyped: %s", f.Entrypoint, u.Parameter, u.Reason)
			count.reasons[u.Reason]++
		}
		if diff := difference(t, all[i], got, untyped); diff != "" {
			t.Errorf("%s: from Prefect (-) to ours (+):\n%s", f.Entrypoint, diff)
		}
	}
	t.Logf("%d flows, %d not loaded here, %d parameters, %d untyped", len(scanned.Flows), count.refused, count.parameters, count.untyped)
	lifted(t, root, &count)
	t.Logf("in all %d parameters, %d untyped", count.parameters, count.untyped)
	if count.parameters == 0 {
		t.Error("nothing was compared")
	}
	for reason, n := range count.reasons {
		if !blockInBlock.MatchString(reason) {
			t.Errorf("%d parameters are untyped: %s", n, reason)
		}
	}
	// The packages of an index are too small a part of the repository for a share of it.
	if _, err := os.Stat(filepath.Join(root, "tests")); err == nil && count.untyped*100 > 3*count.parameters {
		t.Errorf("%d of %d parameters are not exact", count.untyped, count.parameters)
	}
}

// blockInBlock is all that stays untyped there: Prefect writes a checksum of the inner block's schema, made by that very version of it.
var blockInBlock = regexp.MustCompile(`the block \w+ is part of \w+$`)

// lifted compares the flows that stand inside of functions, as they do in tests: their signatures are put behind a copy of their module.
func lifted(t *testing.T, root string, count *tally) {
	t.Helper()
	folder := t.TempDir()
	total := 0
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(file, ".py") {
			return err
		}
		source, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		m, err := python.Parse(source)
		if err != nil {
			return nil //nolint:nilerr // some of them are broken on purpose
		}
		var b strings.Builder
		for _, fn := range m.Functions {
			if fn.Scope == python.FunctionScope && decorated(fn) && len(fn.Parameters) > 0 {
				total++
				fmt.Fprintf(&b, "try:\n    def lifted%d(%s):\n        %s\nexcept Exception:\n    pass\n", total, signatureOf(fn), strconv.Quote(fn.Doc))
			}
		}
		if b.Len() == 0 {
			return nil
		}
		name := filepath.Join(folder, fmt.Sprintf("module%d.py", total))
		return os.WriteFile(name, append(append(source, '\n'), b.String()...), 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	before := *count
	found := sameIn(t, folder, "--missing")
	for reason, n := range found.reasons {
		count.reasons[reason] += n
	}
	count.parameters, count.untyped = count.parameters+found.parameters, count.untyped+found.untyped
	t.Logf("%d flows inside of functions: %d parameters of those that load here, %d untyped", total, count.parameters-before.parameters, count.untyped-before.untyped)
}

func decorated(fn python.Function) bool {
	return slices.ContainsFunc(fn.Decorators, func(d python.Expr) bool {
		name, _, _ := strings.Cut(d.Text, "(")
		return name == "flow" || name == "prefect.flow"
	})
}

// signatureOf writes a function's parameters.
func signatureOf(fn python.Function) string {
	var parts []string
	star, slash := false, false
	for _, p := range fn.Parameters {
		if slash && p.Kind != python.PositionalOnly {
			parts = append(parts, "/")
		}
		slash = p.Kind == python.PositionalOnly
		if p.Kind == python.KeywordOnly && !star {
			parts, star = append(parts, "*"), true
		}
		star = star || p.Kind == python.VarPositional
		text := map[python.ParameterKind]string{python.VarPositional: "*", python.VarKeyword: "**"}[p.Kind] + p.Name
		if !p.Annotation.Absent() {
			text += ": " + p.Annotation.Text
		}
		if !p.Default.Absent() {
			text += " = (" + p.Default.Text + ")"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}
