package report_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/report"
)

func TestExcerpts(t *testing.T) {
	t.Parallel()
	see := report.Excerpts(fstest.MapFS{
		"a.py":          {Data: []byte("x = 1\r\n\t  y = ö + z\n\n" + strings.Repeat("z", 500) + "\nlast")},
		"envs/dev.yaml": {Data: []byte("env:\n  API_TOKEN: \"hunter2hunter2\"\n  url: https://me:hunter2@example.com\n")},
		".env":          {Data: []byte("A=1\n")}, "key.pem": {Data: []byte("x\n")}, "Dockerfile.dev": {Data: []byte("FROM a\n")}, "x/.hidden.py": {Data: []byte("x\n")},
	})
	for _, x := range []struct {
		at    finding.Position
		text  string
		caret int
	}{
		{finding.Position{File: "a.py", Line: 1, Column: 5}, "x = 1", 5},
		{finding.Position{File: "a.py", Line: 2, Column: 8}, "y = ö + z", 5},
		{finding.Position{File: "a.py", Line: 2, Column: 2}, "y = ö + z", 0}, // before it begins
		{finding.Position{File: "a.py", Line: 3, Column: 1}, "", 1},
		{finding.Position{File: "a.py", Line: 4, Column: 300}, strings.Repeat("z", 160) + "…", 0},
		{finding.Position{File: "a.py", Line: 5}, "last", 0},
		{finding.Position{File: "a.py", Line: 6}, "", 0},
		{finding.Position{File: "a.py", Line: -1}, "", 0},
		{finding.Position{File: "envs/dev.yaml", Line: 2, Column: 3}, `API_TOKEN: ********`, 0},
		{finding.Position{File: "envs/dev.yaml", Line: 3, Column: 3}, `url: https://********@example.com`, 0},
		{finding.Position{File: ".env", Line: 1}, "", 0}, {finding.Position{File: "key.pem", Line: 1}, "", 0}, {finding.Position{File: "x/.hidden.py", Line: 1}, "", 0},
		{finding.Position{File: "../a.py", Line: 1}, "", 0}, {finding.Position{File: "/a.py", Line: 1}, "", 0}, {finding.Position{File: "absent.py", Line: 1}, "", 0},
		{finding.Position{File: "<environment>", Line: 1}, "", 0}, {finding.Position{File: "origin/main:envs/dev.yaml", Line: 1}, "", 0},
		{finding.Position{File: "Dockerfile.dev", Line: 1, Column: 1}, "FROM a", 1},
	} {
		text, caret := see(x.at)
		if text != x.text || caret != x.caret {
			t.Errorf("%v: %q %d", x.at, text, caret)
		}
	}
}
