package python

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// tally counts how our verdicts on mutants compare with CPython's.
type tally struct{ total, invalid, wrong, missed, sameLine, samePlace int }

// TestMutants breaks statements and compares what we and CPython say. The grammar is that of the newest Python: an older one refuses
// more, so that only what it accepts is sure to be right.
func TestMutants(t *testing.T) {
	t.Parallel()
	for _, python := range interpreters(t) {
		t.Run(python, func(t *testing.T) {
			t.Parallel()
			count := 2500
			if prerequisite.Full() {
				count = 20000
			}
			got := mutants(t, python, 1, count)
			newest := minor(t, python) >= 13
			t.Logf("%+v", got)
			if got.wrong > 0 {
				t.Errorf("%d valid mutants are refused", got.wrong)
			}
			allowed := got.invalid/5000 + 1
			if !newest {
				allowed = got.invalid / 50
			}
			if got.missed > allowed {
				t.Errorf("%d of %d invalid mutants are accepted, at most %d may be", got.missed, got.invalid, allowed)
			}
			if found := got.invalid - got.missed; newest && (got.sameLine*100 < found*98 || got.samePlace*100 < found*85) {
				t.Errorf("of %d errors %d have the same line and %d the same column", found, got.sameLine, got.samePlace)
			}
		})
	}
}

func minor(t *testing.T, python string) int {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), python, "-c", "import sys; print(sys.version_info[1])").Output()
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(out)))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func mutants(t *testing.T, python string, seed, count int) tally {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), python, filepath.Join("testdata", "mutate.py"), strconv.Itoa(seed), strconv.Itoa(count))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	var sum tally
	var r Reader
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var m struct {
			Source string
			Error  []any
		}
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		judge(t, &sum, m.Source, m.Error, r.Check([]byte(m.Source)))
	}
	return sum
}

func judge(t *testing.T, sum *tally, source string, theirs []any, ours error) {
	t.Helper()
	sum.total++
	syntax, _ := errors.AsType[*SyntaxError](ours)
	if theirs != nil {
		sum.invalid++
	}
	switch {
	case theirs == nil && ours != nil:
		sum.wrong++
		t.Errorf("refused: %v\n%s", ours, source)
	case theirs != nil && ours == nil:
		if strings.Contains(theirs[2].(string), "unknown Unicode character name") {
			sum.invalid--
			return
		}
		sum.missed++
		t.Logf("accepted: %v\n%s", theirs, source)
	case theirs != nil:
		line, column := int(theirs[0].(float64)), int(theirs[1].(float64))
		if syntax.Line == line {
			sum.sameLine++
		}
		if syntax.Line == line && syntax.Column == column {
			sum.samePlace++
		} else {
			t.Logf("place: CPython %v, ours %v: %q", theirs, ours, source)
		}
	}
}
