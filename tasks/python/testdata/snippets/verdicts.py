"""Prints what this Python thinks of every snippet of sources.txt in seven forms, one line each: snippet, form, check sum, verdict.

The verdict is ok, or line:column of the error. regenerate.sh puts those of several Pythons side by side.
"""
import ast
import sys
import warnings
import zlib

warnings.simplefilter("ignore")


def forms(source):
    yield "lf", source + "\n"
    yield "crlf", (source + "\n").replace("\n", "\r\n")
    yield "cr", (source + "\n").replace("\n", "\r")
    yield "bare", source
    yield "bom", "\ufeff" + source + "\n"
    yield "feed", "".join("\f" + line + "\n" for line in source.split("\n"))
    yield "tab", "def f():\n" + "".join("\t" + line + "\n" for line in source.split("\n"))


def verdict(source):
    try:
        ast.parse(source)
        return "ok"
    except SyntaxError as e:
        return "%s:%s" % (e.lineno or 0, e.offset or 0)
    except ValueError:
        return "0:0"


def main(text):
    out = []
    for i, snippet in enumerate(text.split("\n%%\n")):
        for form, source in forms(snippet):
            data = source.encode()
            out.append("%d\t%s\t%08x\t%s" % (i, form, zlib.crc32(data), verdict(data)))
    return "\n".join(out) + "\n"


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8", newline="") as f:
        sys.stdout.write(main(f.read()))
