package python

import (
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// forms gives a snippet in seven forms, as testdata/snippets/verdicts.py makes them.
func forms(source string) map[string]string {
	lines := strings.Split(source, "\n")
	return map[string]string{
		"lf":   source + "\n",
		"crlf": strings.ReplaceAll(source+"\n", "\n", "\r\n"),
		"cr":   strings.ReplaceAll(source+"\n", "\n", "\r"),
		"bare": source,
		"bom":  "\ufeff" + source + "\n",
		"feed": "\f" + strings.Join(lines, "\n\f") + "\n",
		"tab":  "def f():\n\t" + strings.Join(lines, "\n\t") + "\n",
	}
}

// excused are snippets on which we differ from every CPython, with the reason.
var excused = map[string]string{
	"x = a \\\r\n": "a backslash before the last line end is refused with \\n by all, with \\r\\n by none: an accident of reading lines",
}

// snippet is one snippet in one form with every Python's verdict.
type snippet struct {
	source, form string
	verdicts     []string // oldest Python first
	shift        int      // how far line and column are from those of the verdicts
}

func snippets(tb testing.TB) []snippet {
	tb.Helper()
	read := func(name string) string {
		data, err := os.ReadFile(filepath.Join("testdata", "snippets", name))
		if err != nil {
			tb.Fatal(err)
		}
		return string(data)
	}
	sources := strings.Split(read("sources.txt"), "\n%%\n")
	rows := map[string][]string{}
	for _, line := range strings.Split(strings.TrimSpace(read("verdicts.tsv")), "\n")[1:] {
		cells := strings.Split(line, "\t")
		rows[cells[0]+" "+cells[1]] = cells[2:]
	}
	var out []snippet
	for i, source := range sources {
		plain, ok := rows[fmt.Sprint(i, " lf")]
		if !ok {
			tb.Fatalf("no verdict on snippet %d: run testdata/snippets/regenerate.sh", i)
		}
		for form, text := range forms(source) {
			row, own := rows[fmt.Sprint(i, " ", form)]
			shift := 0
			if own || form == "lf" {
				if sum := fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(text))); sum != row[0] {
					tb.Fatalf("snippet %d has changed since its verdict: run testdata/snippets/regenerate.sh", i)
				}
			} else {
				row = plain
				if form == "tab" {
					shift = 1
				}
			}
			out = append(out, snippet{text, form, row[1:], shift})
		}
	}
	return out
}

// TestSnippets compares our verdicts on the corners of the grammar with those of CPython 3.9 to 3.14: what any of them accepts is
// accepted, what all refuse is refused, on the same line.
func TestSnippets(t *testing.T) {
	t.Parallel()
	all := snippets(t)
	refused, sameLine, samePlace := 0, 0, 0
	for _, s := range all {
		accepted := ""
		for _, v := range s.verdicts {
			if v == "ok" {
				accepted = v
			}
		}
		err := Check([]byte(s.source))
		switch _, known := excused[s.source]; {
		case known:
		case accepted != "" && err != nil:
			t.Errorf("%s: refused: %v\n%q", s.form, err, s.source)
		case accepted == "" && err == nil:
			t.Errorf("%s: accepted; CPython: %v\n%q", s.form, s.verdicts, s.source)
		case accepted == "" && err != nil:
			refused++
			line, place := compared(s, err)
			sameLine, samePlace = sameLine+line, samePlace+place
			if line == 0 {
				t.Logf("%s: ours %v, CPython %v: %q", s.form, err, s.verdicts, s.source)
			}
		}
	}
	t.Logf("%d snippets, %d refused, %d on the same line, %d at the same column", len(all), refused, sameLine, samePlace)
	if len(all) < 7*200 || sameLine*100 < refused*98 || samePlace*100 < refused*85 {
		t.Error("too few errors are where CPython has them")
	}
}

// compared gives 1 for the same line, and 1 for the same column, as any of the Pythons.
func compared(s snippet, err error) (line, place int) {
	syntax, _ := errors.AsType[*SyntaxError](err)
	for _, v := range s.verdicts {
		if strings.HasPrefix(v, fmt.Sprintf("%d:", syntax.Line-s.shift)) || strings.HasPrefix(v, "0:") { // 0: no place at all
			line = 1
		}
		if v == fmt.Sprintf("%d:%d", syntax.Line-s.shift, syntax.Column-s.shift) {
			place = 1
		}
	}
	return line, place
}
