"""Prints, for each file named on standard input, what CPython's ast sees in it, as one JSON object a line."""
import ast
import json
import sys
import warnings

warnings.simplefilter("ignore")
sys.setrecursionlimit(5000)


def text(source, node):
    return None if node is None else ast.dump(node)


def visit(node, names, scope, out):
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.Import, ast.ImportFrom)):
            for alias in child.names:
                plain = isinstance(child, ast.Import)
                out["imports"].append([
                    child.lineno, child.col_offset + 1, scope, 0 if plain else child.level or 0,
                    alias.name if plain else child.module or "", "" if plain else alias.name, alias.asname or "",
                ])
        elif isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            arguments = child.args
            names_of = [a.arg for a in arguments.posonlyargs + arguments.args]
            names_of += ["*" + arguments.vararg.arg] if arguments.vararg else []
            names_of += [a.arg for a in arguments.kwonlyargs]
            names_of += ["**" + arguments.kwarg.arg] if arguments.kwarg else []
            out["functions"].append([
                child.lineno, child.col_offset + 1, ".".join(names + [child.name]), scope, isinstance(child, ast.AsyncFunctionDef),
                names_of, len(child.decorator_list), ast.get_docstring(child, clean=False), child.end_lineno,
                [ast.dump(d) for d in child.decorator_list],
                [ast.dump(d) for d in arguments.defaults] + [ast.dump(d) for d in arguments.kw_defaults if d],
            ])
            visit(child, names + [child.name], 2, out)
            continue
        elif isinstance(child, ast.ClassDef):
            out["classes"].append([child.lineno, child.col_offset + 1, ".".join(names + [child.name]), scope, ast.get_docstring(child, clean=False)])
            visit(child, names + [child.name], 1, out)
            continue
        visit(child, names, scope, out)


for path in sys.stdin.read().split("\n"):
    if not path:
        continue
    with open(path, "rb") as f:
        source = f.read()
    out = {"path": path, "error": None, "imports": [], "functions": [], "classes": []}
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError) as e:
        out["error"] = [getattr(e, "lineno", 1) or 1, str(e)]
    except (RecursionError, MemoryError):
        continue
    else:
        out["doc"] = ast.get_docstring(tree, clean=False)
        visit(tree, [], 0, out)
        out["imports"].sort()
    print(json.dumps(out))
