package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	reader "github.com/flowmage/flowmage/tasks/python"
)

// parsing compares the parser with CPython's on the same files, on one core each. They are read, and parsed once, before the clock starts, so
// that neither is measured while it gets its memory from the system; what counts is the mean of [parses] turns, whoever collects garbage. Each
// line says what its parser builds, since that is what most of the time goes into. ruff stands beside them where it can be had.
func parsing(ctx context.Context, l *lab, interpreter, folder string, library []string, rounds int) ([]row, error) {
	files, size, err := upTo(library, parsedBytes)
	if err != nil {
		return nil, err
	}
	names := filepath.Join(folder, "files.txt")
	if err := os.WriteFile(names, []byte(strings.Join(files, "\n")+"\n"), 0o600); err != nil {
		return nil, err
	}
	version, err := exec.CommandContext(ctx, interpreter, "-c", "import platform; print(platform.python_version())").Output()
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	ours := func(word string) func(string) (turn, error) {
		return func(string) (turn, error) {
			return timed(l.exec(ctx, []string{"GOMAXPROCS=1"}, self, readWord, word, names))
		}
	}
	theirs := func(work string) func(string) (turn, error) {
		script := fmt.Sprintf(astScript, parses, work)
		return func(string) (turn, error) { return timed(l.exec(ctx, nil, interpreter, "-c", script, names)) }
	}
	python := "CPython " + strings.TrimSpace(string(version))
	parsers := []contender{
		{name: "ours: the whole grammar is checked, no tree is built", run: ours("check")},
		{name: "`ast.parse` of " + python + ": a full tree of Python objects", run: theirs("ast.parse(t)")},
		{name: "ours: checked, and what is declared is kept; no tree", run: ours("parse")},
		{name: "`ast.parse` of " + python + ": a full tree, and a walk for what is declared", run: theirs("declared(ast.parse(t))")},
	}
	job := fmt.Sprintf("parse %d MB of the standard library, one core", size/1e6)
	rows, err := race{job: job, rounds: rounds, contenders: slices.Concat(parsers, l.ruff(ctx, interpreter, folder, files))}.compete(ctx)
	for i := range rows {
		rows[i].name += fmt.Sprintf(", %.0f MB/s", float64(size)/1e6/rows[i].median().Seconds())
	}
	return rows, err
}

// upTo gives the first files of a list that are not larger together.
func upTo(library []string, most int) (files []string, size int, err error) {
	for _, path := range library {
		info, err := os.Stat(path)
		if err != nil {
			return nil, 0, err
		}
		if size+int(info.Size()) > most {
			break
		}
		size += int(info.Size())
		files = append(files, path)
	}
	return files, size, nil
}

// astScript goes through the files of a list, so often, with the work that is done to each text t, and prints the nanoseconds that one turn
// takes. The walk stays among statements and takes what our reader takes: names, places, parameters, decorators, docstrings, imports and
// assignments.
const astScript = `
import ast, sys, time, warnings
warnings.simplefilter("ignore")

def declared(tree):
    out, left = [], [(tree, "")]
    while left:
        node, path = left.pop()
        for x in ast.iter_child_nodes(node):
            if isinstance(x, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                parts = x.bases if isinstance(x, ast.ClassDef) else (x.args, x.returns)
                out.append((path + x.name, x.lineno, x.col_offset, x.end_lineno, x.decorator_list, parts, ast.get_docstring(x, False)))
                left.append((x, path + x.name + "."))
            elif isinstance(x, (ast.Import, ast.ImportFrom)):
                out.append((x.lineno, x.names))
            elif isinstance(x, (ast.Assign, ast.AnnAssign)):
                out.append((x.lineno, x.value))
            elif isinstance(x, (ast.stmt, ast.ExceptHandler, getattr(ast, "match_case", ast.stmt))):
                left.append((x, path))
    return out

texts = [open(p, "rb").read() for p in open(sys.argv[1]).read().split("\n") if p]
for turn in range(1 + %[1]d):
    if turn == 1:
        start = time.process_time()
    for t in texts:
        try:
            %[2]s
        except (SyntaxError, ValueError):
            pass
print(int((time.process_time() - start) / %[1]d * 1e9))
`

// parses is how often each parser goes through the files while the clock runs.
const parses = 4

func parseAll(list string, declarations bool) error {
	names, err := os.ReadFile(list) //nolint:gosec // this program wrote it
	if err != nil {
		return err
	}
	var texts [][]byte
	for name := range bytes.Lines(names) {
		text, err := os.ReadFile(string(bytes.TrimSpace(name)))
		if err != nil {
			return err
		}
		texts = append(texts, text)
	}
	var r reader.Reader
	parseThem := func() {
		for _, text := range texts {
			if declarations {
				_, _ = r.Parse(text) // some files of the library are broken on purpose
			} else {
				_ = r.Check(text)
			}
		}
	}
	parseThem() // not counted
	start := startClock()
	for range parses {
		parseThem()
	}
	fmt.Fprintln(os.Stdout, start.spent().Nanoseconds()/parses)
	return nil
}
