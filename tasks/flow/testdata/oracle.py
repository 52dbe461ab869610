"""Finds Prefect flows in a tree by Python's own ast: an oracle.py FOLDER that shares no code or idea with the reader it checks.

It knows what is in one file only: names imported from Prefect, rebinding, constants. Standard output is one JSON list of
[file, qualified name, flow name or null].
"""
import ast
import json
import os
import sys
import warnings

warnings.simplefilter("ignore")
FLOW, PREFECT, FLOWS = "flow", "prefect", "prefect.flows"


class File:
    def __init__(self, tree):
        self.names, self.constants, self.found = {}, {}, {}
        self.body(tree.body, [], True)

    def body(self, statements, path, reachable):
        for s in statements:
            self.statement(s, path, reachable)

    def statement(self, s, path, reachable):
        top = not path
        if isinstance(s, ast.Import) and top:
            for a in s.names:
                if a.asname and a.name in (PREFECT, FLOWS):
                    self.names[a.asname] = a.name
                elif a.name.split(".")[0] == PREFECT:
                    self.names[PREFECT] = PREFECT
        elif isinstance(s, ast.ImportFrom) and top:
            for a in s.names:
                bound = a.asname or a.name
                self.names.pop(bound, None)
                if s.level == 0 and s.module in (PREFECT, FLOWS) and a.name in ("flow", "Flow", "*"):
                    self.names["flow" if a.name == "*" else bound] = FLOW
                elif s.level == 0 and s.module == PREFECT and a.name == "flows":
                    self.names[bound] = FLOWS
        elif isinstance(s, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self.function(s, path, reachable)
        elif isinstance(s, ast.ClassDef):
            self.names.pop(s.name, None)
            self.body(s.body, path + [s], reachable)
        elif isinstance(s, ast.Assign) and len(s.targets) == 1 and isinstance(s.targets[0], ast.Name):
            self.assigned(s, path, reachable)
        elif isinstance(s, ast.If):
            main = isinstance(s.test, ast.Compare) and getattr(s.test.left, "id", "") == "__name__"
            self.body(s.body, path, reachable and not main)
            self.body(s.orelse, path, reachable)
        elif isinstance(s, (ast.For, ast.While, ast.With, ast.AsyncFor, ast.AsyncWith)):
            self.body(s.body, path, reachable)
        elif isinstance(s, ast.Try):
            for h in s.handlers:
                self.body(h.body, path, reachable)
            self.body(s.body + s.orelse + s.finalbody, path, reachable)

    def is_flow(self, node):
        if isinstance(node, ast.Name):
            return self.names.get(node.id) == FLOW
        if isinstance(node, ast.Attribute) and node.attr in ("flow", "Flow"):
            return self.names.get(ast.unparse(node.value)) in (PREFECT, FLOWS) or ast.unparse(node.value) == FLOWS and PREFECT in self.names
        return False

    def function(self, s, path, reachable):
        qualified = ".".join([c.name for c in path] + [s.name])
        self.found.pop(qualified, None)
        plain = [d.func if isinstance(d, ast.Call) else d for d in s.decorator_list]
        marks = [i for i, d in enumerate(plain) if self.is_flow(d)]
        bound = any(isinstance(d, ast.Name) and d.id in ("staticmethod", "classmethod") for d in s.decorator_list)
        if marks and reachable and (not path or bound):
            d = s.decorator_list[marks[0]]
            self.found[qualified] = self.name(d.keywords if isinstance(d, ast.Call) else [], s.name)
        if not path:
            self.names.pop(s.name, None)

    def name(self, keywords, function):
        for k in keywords:
            if k.arg is None:
                return None
            if k.arg == "name":
                return self.value(k.value)
        return function.replace("_", "-")

    def value(self, node):
        if isinstance(node, ast.Name):
            return self.constants.get(node.id)
        if isinstance(node, ast.JoinedStr):
            parts = [v.value if isinstance(v, ast.Constant) else self.value(v.value) for v in node.values]
            return None if None in parts else "".join(map(str, parts))
        return node.value if isinstance(node, ast.Constant) else None

    def assigned(self, s, path, reachable):
        target = s.targets[0].id
        qualified = ".".join([c.name for c in path] + [target])
        self.found.pop(qualified, None)
        if not path:
            self.names.pop(target, None)
            if isinstance(s.value, ast.Constant):
                self.constants[target] = None if target in self.constants else s.value.value
        if self.is_flow(s.value) and not path:
            self.names[target] = FLOW
        if not isinstance(s.value, ast.Call) or not reachable:
            return
        call, function = s.value, s.value.func
        if isinstance(function, ast.Attribute) and function.attr == "with_options" and ast.unparse(function.value) in self.found:
            name = self.name(call.keywords, "")
            self.found[qualified] = name or self.found[ast.unparse(function.value)]
        elif self.is_flow(function) and call.args and isinstance(call.args[0], ast.Name):
            self.found[qualified] = self.name(call.keywords, call.args[0].id)


out = []
for folder, folders, files in os.walk(sys.argv[1]):
    folders[:] = [f for f in folders if not f.startswith(".") and f not in ("__pycache__", "node_modules", "site-packages")]
    for file in files:
        path = os.path.join(folder, file)
        if file.endswith(".py") and os.path.isfile(path):
            with open(path, "rb") as f:
                try:
                    tree = ast.parse(f.read())
                except (SyntaxError, ValueError):
                    continue
            for qualified, name in File(tree).found.items():
                out.append([os.path.relpath(path, sys.argv[1]).replace(os.sep, "/"), qualified, name])
print(json.dumps(sorted(out, key=str)))
