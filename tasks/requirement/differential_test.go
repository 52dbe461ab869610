//go:build e2e

package requirement_test

import (
	"encoding/json"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/prerequisite"
	"github.com/flowmage/flowmage/tasks/requirement"
)

// judge asks packaging, as it is installed beside Prefect, for its verdicts: on each line a requirement and a version.
const judge = `
import json, sys
from packaging.requirements import Requirement
from packaging.markers import UndefinedComparison
from packaging.version import Version
env = {"python_version": "3.12", "python_full_version": "3.12.4", "implementation_version": "3.12.4", "implementation_name": "cpython",
       "platform_python_implementation": "CPython", "sys_platform": "linux", "os_name": "posix", "platform_system": "Linux", "extra": ""}
def holds(marker):
    try:
        return "yes" if marker is None or marker.evaluate(env) else "no"
    except UndefinedComparison:
        return "unknown"
out = []
for text, version in json.load(sys.stdin):
    try:
        r = Requirement(text)
        out.append([str(Version(version)), str(r.specifier), r.specifier.contains(version, prereleases=True), holds(r.marker)])
    except ValueError:
        out.append(None)
json.dump(out, sys.stdout)
`

// TestPackaging compares with the packaging that is installed, on drawn requirements.
func TestPackaging(t *testing.T) {
	t.Parallel()
	python := prerequisite.Python(t)
	r := rand.New(rand.NewPCG(1, 2))
	pairs := make([][2]string, prerequisite.Size(5_000, 100_000))
	for i := range pairs {
		pairs[i] = [2]string{drawnRequirement(r), drawnVersion(r)}
	}
	asked, err := json.Marshal(pairs)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), python, "-I", "-c", judge)
	cmd.Stdin = strings.NewReader(string(asked))
	said, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var want [][]any
	if err := json.Unmarshal(said, &want); err != nil {
		t.Fatal(err)
	}
	for i, pair := range pairs {
		x, err := requirement.Parse(pair[0])
		v, ok := requirement.ParseVersion(pair[1])
		if (err == nil && ok) != (want[i] != nil) {
			t.Errorf("%q %q: read %v %v, packaging %v", pair[0], pair[1], err, ok, want[i])
			continue
		}
		if want[i] == nil {
			continue
		}
		said := []string{"no", "unknown", "yes"}[x.Wanted(requirement.Python("3.12.4", "linux"))]
		undefined := want[i][3] == "unknown" && said != "unknown" // packaging looks at terms that nothing depends on
		if diff := cmp.Diff(want[i], []any{v.String(), x.Set.String(), x.Set.Takes(pair[1]), said}); diff != "" && !undefined {
			t.Errorf("%q %q: %s", pair[0], pair[1], diff)
		}
	}
}

func pick(r *rand.Rand, from ...string) string { return from[r.IntN(len(from))] }

func drawnVersion(r *rand.Rand) string {
	return pick(r, "", "", "", "1!", "v") + pick(r, "0", "1", "1.0", "1.1", "1.10.0", "2") + pick(r, "", "", "", "a1", ".rc.2", "-beta", "c0") +
		pick(r, "", "", "", ".post1", "-1", ".rev") + pick(r, "", "", "", ".dev1", ".dev") + pick(r, "", "", "", "", "+abc.1", "+5")
}

func drawnRequirement(r *rand.Rand) string {
	var b strings.Builder
	b.WriteString(pick(r, "a", "a-b[x]", "A.b [x, y] ", "a", "-a"))
	count := r.IntN(4)
	for i := range count {
		if i > 0 {
			b.WriteString(pick(r, ",", " , ", ",", " "))
		}
		operator := pick(r, "==", "!=", "<", ">", "<=", ">=", "~=", "===")
		if operator == "===" && i < count-1 { // before 26.4 packaging took the comma for a part of the text
			operator = "=="
		}
		b.WriteString(operator + pick(r, "", "", " ") + drawnVersion(r) + pick(r, "", "", "", "", ".*"))
	}
	if r.IntN(3) == 0 {
		b.WriteString(pick(r, ";", " ; ") + drawnMarker(r, 3))
	}
	return b.String()
}

func drawnMarker(r *rand.Rand, depth int) string {
	if depth > 0 && r.IntN(3) == 0 {
		return pick(r, "", "not ") + "(" + drawnMarker(r, depth-1) + ")" + pick(r, " and ", " or ") + drawnMarker(r, depth-1)
	}
	left, right := pick(r, "python_version", "python_full_version", "sys_platform", "os_name", "platform_system", "extra", "implementation_name"),
		pick(r, "'3.8'", "'3.12'", `"3.13"`, "'3.12.*'", "'linux'", "'win32'", "'posix nt'", "'cpython'", `'x\'`, "'3.12.4rc1'")
	if r.IntN(4) == 0 {
		left, right = right, left
	}
	return left + " " + pick(r, "==", "!=", "<", ">", "<=", ">=", "~=", "in", "not in", "===") + " " + right
}
