"""Compares what Flowmage read from Python files with what CPython's ast sees in them.

Standard input has one JSON object a line: a file and Flowmage's view of it. Standard output gets one JSON object for each difference, and
one at the end with the number of files compared. Expressions are compared by their trees, not by their text.
"""
import ast
import io
import json
import sys
import tokenize
import warnings

warnings.simplefilter("ignore")
sys.setrecursionlimit(10000)


class Source:
    """A file, with the means to turn ast's columns, in bytes from 0, into characters from 1."""

    def __init__(self, data):
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
        self.lines = text.lstrip("\ufeff").encode().split(b"\n")

    def place(self, node):
        return [node.lineno, len(self.lines[node.lineno - 1][: node.col_offset].decode()) + 1]


def tree(node):
    return None if node is None else ast.dump(node)


def read(text):
    return None if not text else ast.dump(ast.parse("(" + text + "\n)", mode="eval").body)


def starred(text):
    """The tree of text that may stand in a tuple, such as *args: its only element."""
    return None if not text else ast.dump(ast.parse("(" + text + "\n,)", mode="eval").body.elts[0])


def parameters(args):
    positional = args.posonlyargs + args.args
    defaults = [None] * (len(positional) - len(args.defaults)) + args.defaults
    for i, (a, d) in enumerate(zip(positional, defaults)):
        yield a, 0 if i < len(args.posonlyargs) else 1, d
    if args.vararg:
        yield args.vararg, 2, None
    for a, d in zip(args.kwonlyargs, args.kw_defaults):
        yield a, 3, d
    if args.kwarg:
        yield args.kwarg, 4, None


class Walk:
    def __init__(self, source):
        self.source = source
        self.imports, self.functions, self.classes, self.assignments = [], [], [], []

    def visit(self, node, path, scope):
        for child in ast.iter_child_nodes(node):
            self.one(child, path, scope)

    def one(self, node, path, scope):
        if isinstance(node, ast.Import):
            for a in node.names:
                self.imports.append([*self.source.place(node), scope, 0, a.name, "", a.asname or ""])
        elif isinstance(node, ast.ImportFrom):
            for a in node.names:
                self.imports.append([*self.source.place(node), scope, node.level or 0, node.module or "", a.name, a.asname or ""])
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            name = ".".join(path + [node.name])
            self.functions.append([
                *self.source.place(node), node.end_lineno, name, scope, isinstance(node, ast.AsyncFunctionDef),
                [[*self.source.place(d), tree(d)] for d in node.decorator_list],
                [[*self.source.place(p), p.arg, k, tree(p.annotation), tree(d)] for p, k, d in parameters(node.args)],
                tree(node.returns), ast.get_docstring(node, clean=False),
            ])
            self.visit(node, path + [node.name], 2)
        elif isinstance(node, ast.ClassDef):
            name = ".".join(path + [node.name])
            self.classes.append([
                *self.source.place(node), node.end_lineno, name, scope, [tree(d) for d in node.decorator_list],
                [tree(b) for b in node.bases] + [[k.arg, tree(k.value)] for k in node.keywords], ast.get_docstring(node, clean=False),
            ])
            self.visit(node, path + [node.name], 1)
        else:
            if scope < 2:
                self.assigned(node, path, scope)
            self.visit(node, path, scope)

    def assigned(self, node, path, scope):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.simple:
            targets, annotation = [node.target], tree(node.annotation)
        elif isinstance(node, ast.Assign):
            targets, annotation = [t for t in node.targets if isinstance(t, ast.Name)], None
        elif hasattr(ast, "TypeAlias") and isinstance(node, ast.TypeAlias):
            targets, annotation = [node.name], None
        else:
            return
        for t in targets:
            if self.source.lines[t.lineno - 1][max(0, t.col_offset - 1):t.col_offset] == b"(":
                continue  # parenthesised: only known to be bound
            self.assignments.append([*self.source.place(t), scope, ".".join(path), t.id, annotation, tree(node.value)])


def base(text):
    try:
        call = ast.parse("f(" + text + "\n)", mode="eval").body
    except SyntaxError:
        return "unreadable: " + text
    return tree(call.args[0]) if call.args else [call.keywords[0].arg, tree(call.keywords[0].value)]


def ours(view):
    functions = [
        f[:6] + [[[line, col, read(d)] for line, col, d in f[6]]]
        + [[p[:4] + [starred(p[4]) if p[3] == 2 else read(p[4]), read(p[5])] for p in f[7]], read(f[8]), f[9]]
        for f in view["functions"]
    ]
    classes = [c[:5] + [[read(d) for d in c[5]]] for c in view["classes"]]
    for c, seen in zip(classes, view["classes"]):
        bases = [base(b) for b in seen[6]]
        c += [[b for b in bases if isinstance(b, str)] + [b for b in bases if not isinstance(b, str)], seen[7]]
    return {
        "imports": view["imports"], "functions": functions, "classes": classes,
        "assignments": [a[:5] + [read(a[5]), read(a[6])] for a in view["assignments"]], "doc": view["doc"],
    }


def compare(view):
    with open(view["path"], "rb") as f:
        data = f.read()
    try:
        module = ast.parse(data)
    except (SyntaxError, ValueError) as e:
        if view["error"] is None:
            yield "error", [getattr(e, "lineno", None), getattr(e, "offset", None), str(e)], None
        return
    except (RecursionError, MemoryError):
        return
    if view["error"] is not None:
        yield "error", None, view["error"]
        return
    walk = Walk(Source(data))
    walk.visit(module, [], 0)
    theirs = {
        "imports": walk.imports, "functions": walk.functions, "classes": walk.classes, "assignments": walk.assignments,
        "doc": ast.get_docstring(module, clean=False),
    }
    mine = ours(view)
    for key, want in theirs.items():
        got = mine[key]
        if key == "doc":
            want, got = [want], [got]
        else:
            want, got = sorted(want, key=lambda x: json.dumps(x[:4])), sorted(got, key=lambda x: json.dumps(x[:4]))
        if want != got:
            for a, b in zip(want + [None] * len(got), got + [None] * len(want)):
                if a != b:
                    yield key, a, b
                    break


files = 0
for line in sys.stdin:
    view = json.loads(line)
    files += 1
    try:
        for what, theirs, mine in compare(view):
            print(json.dumps({"path": view["path"], "what": what, "theirs": theirs, "ours": mine}))
    except RecursionError:
        continue
print(json.dumps({"files": files}))
