"""Breaks statements of the standard library in small ways and tells what CPython thinks of each: mutate.py SEED COUNT.

Standard output has one JSON object a line: the source, and null or [line, column, message] of the error. Nearly a third of the statements
come from the tests of the grammar, where the rare constructs are.
"""
import ast
import glob
import io
import json
import os
import random
import sys
import sysconfig
import tokenize
import warnings

warnings.simplefilter("ignore")
heavy = "grammar fstring patma type_params type_aliases coroutines syntax unpack_ex named_expressions generators positional_only_arg tstring " \
    "exceptions except_star decorators lambda dictcomps listcomps genexps with contextlib asyncgen keywordonlyarg string_literals"


def statements(path):
    with open(path, "rb") as f:
        data = f.read()
    try:
        text = data.decode("utf-8")
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return []
    lines = text.splitlines(keepends=True)
    found = []
    for node in ast.walk(module):
        if isinstance(node, ast.stmt) and node.col_offset == 0:
            first = min([node.lineno] + [d.lineno for d in getattr(node, "decorator_list", [])])
            source = "".join(lines[first - 1:node.end_lineno])
            if len(source) < 2500:
                found.append(source)
    return found


def tokens(source):
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    try:
        for t in tokenize.generate_tokens(io.StringIO(source).readline):
            if t.string.strip():
                yield starts[t.start[0] - 1] + t.start[1], starts[t.end[0] - 1] + t.end[1]
    except (tokenize.TokenError, SyntaxError, IndexError):
        return


def mutate(source, r):
    spans = list(tokens(source))
    if not spans:
        return source
    a, b = r.choice(spans)
    kind = r.randrange(9)
    if kind == 0:
        return source[:a] + source[b:]
    if kind == 1:
        return source[:b] + " " + source[a:b] + source[b:]
    if kind == 2:
        c, d = r.choice(spans)
        (a, b), (c, d) = sorted([(a, b), (c, d)])
        return source if b > c else source[:a] + source[c:d] + source[b:c] + source[a:b] + source[d:]
    if kind == 3:
        c, d = r.choice(spans)
        return source[:a] + source[c:d] + source[b:]
    if kind == 4:
        return source[:a] + r.choice(words) + " " + source[a:]
    i = r.randrange(len(source))
    if kind == 5:
        return source[:i] + source[i + 1:]
    if kind == 6:
        return source[:i] + source[i] + source[i:]
    if kind == 7:
        return source[:i] + r.choice(characters) + source[i + 1:]
    return source[:i] + r.choice(characters) + source[i:]


words = "if else for in not and or lambda yield await async def class return del import from as with try except finally = == := , : ; ( ) [ ] { } * ** -> @ . ... ! 0 'x' f'{x}' b'x' x None match case type _ None".split()
characters = "()[]{}:;,.=+-*/%&|^~<>!@#'\"\\ \n\t0123456789abefjnorux_\u00e9$?`"

seed, count = int(sys.argv[1]), int(sys.argv[2])
r = random.Random(seed)
root = sysconfig.get_path("stdlib")
everything = sorted(glob.glob(os.path.join(root, "**", "*.py"), recursive=True))
everything = [p for p in everything if "site-packages" not in p]
special = sorted(p for w in heavy.split() for p in glob.glob(os.path.join(root, "test", "test_" + w + ".py")))
pool = [s for p in r.sample(everything, min(len(everything), 300)) for s in statements(p)]
rich = [s for p in special for s in statements(p)] or pool
for _ in range(count):
    source = mutate(r.choice(rich if r.random() < 0.3 else pool), r)
    error = None
    try:
        ast.parse(source.encode())
    except SyntaxError as e:
        error = [e.lineno or 1, e.offset or 0, e.msg]
    except ValueError as e:
        error = [1, 0, str(e)]
    except (RecursionError, MemoryError):
        continue
    print(json.dumps({"source": source, "error": error}))
