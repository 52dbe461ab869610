"""Writes packaging.json.gz: every text of the tests of packaging with packaging's own verdict.

    pip download --no-deps --no-binary :all: packaging==26.4 && tar xf packaging-26.4.tar.gz
    pip install packaging==26.4 pytest pretend
    python record.py packaging-26.4/tests packaging.json.gz

The tests run as they are; each text that goes through a class or a method of packaging is written down with what came out. Those few that
look at what is computed when fail by the watching, which matters to nobody.
"""

import gzip
import json
import platform
import sys

import packaging
import pytest
from packaging import markers, requirements, specifiers, version

platform.release, platform.version = lambda: "6.1.0", lambda: "#1 SMP"  # those of this machine say nothing
seen = {k: {} for k in ("versions", "specifiers", "sets", "takes", "impossible", "markers", "holds", "requirements")}


def plain(text):
    return type(text) is str and len(text) < 1000


def watch_init(cls, kind, fact):
    init = cls.__init__

    def wrapped(self, text="", *args, **kwargs):
        try:
            init(self, text, *args, **kwargs)
        except ValueError as e:
            if plain(text) and "Exceeds the limit" not in str(e):
                seen[kind][text] = None
            raise
        if plain(text):
            seen[kind][text] = fact(self)

    cls.__init__ = wrapped


def watch_contains(cls):
    contains = cls.contains

    def wrapped(self, item, prereleases=None, **kwargs):
        got = contains(self, item, prereleases, **kwargs)
        pre = prereleases is False or prereleases is None and (self._prereleases is False)
        if not pre and plain(str(item)) and plain(str(self)):
            seen["takes"][str(self) + "\n" + str(item)] = got
        return got

    cls.contains = wrapped


VARIABLES = "extra extras dependency_groups".split()


def evaluated(self, env):
    text = json.dumps({k: sorted(v) if isinstance(v, (set, frozenset)) else v for k, v in sorted(env.items())})
    return str(self) + "\n" + text


def watch_markers():
    prepared = markers._evaluate_markers
    evaluate = markers.Marker.evaluate

    def wrapped(self, environment=None, context="metadata"):
        full = markers.default_environment()
        full |= {"extras": frozenset(), "dependency_groups": frozenset()} if context == "lock_file" else {}
        full |= environment or {}
        key = None
        if all(isinstance(v, (str, set, frozenset)) or v is None for v in full.values()):
            full = {k: v or "" if k == "extra" else v for k, v in full.items()}
            key = evaluated(self, full)
        try:
            got = evaluate(self, environment, context)
        except ValueError:
            if key:
                seen["holds"][key] = None
            raise
        if key:
            seen["holds"][key] = got
        return got

    markers.Marker.evaluate = wrapped


def unsatisfiable(cls):
    ask = cls.is_unsatisfiable

    def wrapped(self):
        got = ask(self)
        if self.prereleases is not False and plain(str(self)):
            seen["impossible"][str(self)] = got
        return got

    cls.is_unsatisfiable = wrapped


watch_init(version.Version, "versions", lambda v: [str(v), v.is_prerelease])
watch_init(specifiers.Specifier, "specifiers", lambda s: [s.operator, s.version])
watch_init(specifiers.SpecifierSet, "sets", str)
watch_init(markers.Marker, "markers", lambda m: True)
watch_init(requirements.Requirement, "requirements", lambda r: [r.name, sorted(r.extras), str(r.specifier), r.url or "", str(r.marker or "")])
watch_contains(specifiers.Specifier)
watch_contains(specifiers.SpecifierSet)
watch_markers()
unsatisfiable(specifiers.SpecifierSet)

if __name__ == "__main__":
    folder = sys.argv[1]
    files = [f"{folder}/test_{x}.py" for x in ("version", "specifiers", "markers", "requirements", "ranges")]
    pytest.main(["-q", "-p", "no:cacheprovider", "--no-header", *files])
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("t", f"{folder}/test_version.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    pairs = {k: sorted(v.items()) for k, v in seen.items()}
    takes = {}
    for text, _ in pairs["takes"]:
        spec, item = text.split("\n", 1)
        got = specifiers.SpecifierSet(spec).contains(item)  # some tests bend what they ask
        takes.setdefault(spec, {True: [], False: []})[got].append(item)
    pairs["takes"] = [[spec, x[True], x[False]] for spec, x in takes.items()]
    head = {"packaging": packaging.__version__, "ordered": list(module.VERSIONS)}
    rows = [json.dumps(k) + ":[" + ",\n".join(json.dumps(x, separators=(",", ":")) for x in v) + "]" for k, v in pairs.items()]
    text = json.dumps(head, separators=(",", ":"))[:-1] + ",\n" + ",\n".join(rows) + "}\n"
    with open(sys.argv[2], "wb") as f:
        f.write(gzip.compress(text.encode(), mtime=0))
