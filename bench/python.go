package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/flowmage/flowmage/tasks/flow"
	reader "github.com/flowmage/flowmage/tasks/python"
	"github.com/flowmage/flowmage/tasks/tree"
)

// readWord makes this program one of the contenders that read Python.
const readWord = "read-python"

// The trees that are measured: as many bytes of the standard library, and a tree of so many files of at most so many bytes with some flows.
const (
	parsedBytes = 12 << 20
	treeFiles   = 10_000
	treeFlows   = 300
	treeLargest = 19_000
)

// python measures the reader of Python and the discovery of flows. It needs no server, only a Python whose library is read.
func python(ctx context.Context, tools programs, rounds int, write string) error {
	interpreter, err := exec.LookPath("python3")
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "benchmark")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	l := &lab{programs: tools, root: here}
	library, err := sources(ctx, interpreter)
	if err != nil {
		return err
	}
	parse, err := parsing(ctx, l, interpreter, folder, library, rounds)
	if err != nil {
		return err
	}
	tree, err := scanning(ctx, l, folder, library, rounds)
	if err != nil {
		return err
	}
	listing, err := listing(ctx, l, rounds)
	if err != nil {
		return err
	}
	text := readTable(slices.Concat(parse, tree, listing))
	fmt.Fprint(os.Stdout, text)
	if write == "" {
		return nil
	}
	return replace(write, "python", func(string) string { return machine() + "\n\n" + text })
}

// sources lists the Python files of an interpreter's library and packages, in an order that is the same every time.
func sources(ctx context.Context, interpreter string) ([]string, error) {
	out, err := exec.CommandContext(ctx, interpreter, "-c", "import sysconfig; print(sysconfig.get_path('stdlib'))").Output()
	if err != nil {
		return nil, err
	}
	var files []string
	err = filepath.WalkDir(strings.TrimSpace(string(out)), func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && strings.HasSuffix(path, ".py") {
			files = append(files, path)
		}
		return err
	})
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same order every time
	random.Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })
	return files, err
}

// parsing compares the parser with CPython's on the same files, on one core each. They are read, and parsed once, before the clock starts, so
// that neither is measured while it gets its memory from the system; what counts is the mean of [parses] turns, whoever collects garbage.
func parsing(ctx context.Context, l *lab, interpreter, folder string, library []string, rounds int) ([]row, error) {
	var list strings.Builder
	size := 0
	for _, path := range library {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if size += int(info.Size()); size > parsedBytes {
			break
		}
		list.WriteString(path + "\n")
	}
	names := filepath.Join(folder, "files.txt")
	if err := os.WriteFile(names, []byte(list.String()), 0o600); err != nil {
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
	rows, err := compete(fmt.Sprintf("parse %d MB of the standard library, one core", size/1e6), "", rounds, []contender{
		{"ours, the whole grammar", ours("check")},
		{"`ast.parse` of " + python, theirs("ast.parse(t)")},
		{"ours, with what is declared", ours("parse")},
		{"`ast.parse` of " + python + ", and a walk for what is declared", theirs("declared(ast.parse(t))")},
	})
	for i := range rows {
		rows[i].name += fmt.Sprintf(", %.0f MB/s", float64(size)/1e6/rows[i].median().Seconds())
	}
	return rows, err
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

// timed takes the processor time that a contender measured itself, in nanoseconds on its output.
func timed(t turn, err error) (turn, error) {
	if err != nil {
		return t, err
	}
	n, err := strconv.ParseInt(strings.TrimSpace(t.out), 10, 64)
	t.wall = time.Duration(n)
	return t, err
}

// scanning compares the discovery with just reading all files.
func scanning(ctx context.Context, l *lab, folder string, library []string, rounds int) ([]row, error) {
	tree := filepath.Join(folder, "tree")
	size, err := plant(tree, library)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	mode := func(word string) func(string) (turn, error) {
		return func(string) (turn, error) { return remembering(l.exec(ctx, nil, self, readWord, word, tree)) }
	}
	discovery := []contender{
		{"floor: the same walk and reading, nothing else", mode("read")},
		{"discovery, every file checked", mode("scan")},
		{"discovery, files without the word flow unchecked", mode("skim")},
	}
	listed := l.both("`mage flows:list -root`, schemas included", func(l *lab, _ string) (turn, error) {
		t, err := l.exec(ctx, nil, l.mage, "flows:list", "-root="+tree)
		t.peak = 0 // see remembering
		return t, err
	})
	return compete(fmt.Sprintf("%d files, %d MB, %d flows", treeFiles, size/1e6, treeFlows), "", rounds, slices.Concat(discovery, listed))
}

// remembering takes the memory that a contender measured itself, in bytes on its output: what the system counts for a child has a part of
// its parent's in it.
func remembering(t turn, err error) (turn, error) {
	if err != nil {
		return t, err
	}
	t.peak, err = strconv.ParseInt(strings.TrimSpace(t.out), 10, 64)
	return t, err
}

// plant makes a tree of real files and flows, 100 files a folder.
func plant(tree string, library []string) (size int, err error) {
	written := 0
	put := func(text []byte) error {
		folder := filepath.Join(tree, fmt.Sprintf("part%02d", written/100))
		if err := os.MkdirAll(folder, 0o750); err != nil {
			return err
		}
		size += len(text)
		written++
		return os.WriteFile(filepath.Join(folder, fmt.Sprintf("m%d.py", written)), text, 0o600) //nolint:gosec // a folder of our own
	}
	for i := range treeFlows {
		text := fmt.Sprintf("from prefect import flow\n\n@flow(name=\"flow %d\", retries=2)\ndef work(day: str, limit: int = %d):\n    \"\"\"Do it.\"\"\"\n", i, i)
		if err := put([]byte(text)); err != nil {
			return size, err
		}
	}
	for written < treeFiles {
		for _, path := range library {
			text, err := os.ReadFile(path)
			if err != nil || len(text) > treeLargest || reader.Check(text) != nil {
				continue
			}
			if err := put(text); err != nil {
				return size, err
			}
			if written == treeFiles {
				break
			}
		}
	}
	return size, nil
}

// listing measures the command as it is typed, on this repository.
func listing(ctx context.Context, l *lab, rounds int) ([]row, error) {
	compiled := l.both("compiled, `make discover-flows`", func(l *lab, _ string) (turn, error) { return l.exec(ctx, nil, l.mage, "flows:list") })
	return compete("list the flows of this repository", "", rounds, append(compiled, []contender{
		{"`go tool mage flows:list`", func(string) (turn, error) { return l.exec(ctx, nil, "go", "tool", "mage", "flows:list") }},
		{"the same with `MAGEFILE_HASHFAST=1`", func(string) (turn, error) {
			return l.exec(ctx, []string{"MAGEFILE_HASHFAST=1"}, "go", "tool", "mage", "flows:list")
		}},
	}...))
}

// read is a contender: parse or check the files of a list, or read, scan or skim a tree.
func read(ctx context.Context, args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("want a word and a path, got %v", args)
	}
	debug.SetGCPercent(400) // as the tool has it, see targets/run.go
	switch word, path := args[0], args[1]; word {
	case "schemas":
		return schemasOf(ctx, path)
	case "parse", "check":
		return parseAll(path, word == "parse")
	case "read":
		err := readAll(path)
		fmt.Fprintln(os.Stdout, ownPeak())
		return err
	default:
		r, err := flow.Scan(ctx, flow.Folder(path), flow.Options{Skim: word == "skim"})
		if err == nil && len(r.Flows) < treeFlows {
			err = fmt.Errorf("only %d flows found", len(r.Flows))
		}
		fmt.Fprintln(os.Stdout, ownPeak())
		return err
	}
}

// readAll reads every Python file of a tree as a scan does, with a worker for each processor, and does nothing else.
func readAll(folder string) error {
	root := tree.Open(folder)
	names := make(chan []string, 64)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			var buffer []byte
			for batch := range names {
				for _, name := range batch {
					buffer, _ = tree.Into(root, name, buffer, tree.Source)
				}
			}
		})
	}
	var batch []string
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(name, ".py") {
			if batch = append(batch, name); len(batch) == 16 {
				names <- batch
				batch = nil
			}
		}
		return err
	})
	names <- batch
	close(names)
	workers.Wait()
	return err
}

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
	start, before := time.Now(), cpuTime()
	for range parses {
		parseThem()
	}
	spent := cpuTime() - before
	if spent == 0 { // no such clock here
		spent = time.Since(start)
	}
	fmt.Fprintln(os.Stdout, spent.Nanoseconds()/parses)
	return nil
}

// readTable gives the rows as Markdown.
func readTable(rows []row) string {
	var b strings.Builder
	b.WriteString("| job | by | median | fastest – slowest | × the first | own CPU | memory |\n| --- | --- | --: | --: | --: | --: | --: |\n")
	for _, r := range rows {
		memory := "–"
		if r.peak > 0 {
			memory = fmt.Sprintf("%d MB", r.peak/1e6)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s – %s | %.2f | %s | %s |\n", r.job, r.name, milliseconds(r.median()), milliseconds(r.walls[0]),
			milliseconds(r.walls[len(r.walls)-1]), r.ratio, milliseconds(r.cpu), memory)
	}
	return b.String()
}
