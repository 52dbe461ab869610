"""Prints the parameter schemas of flows that are named on standard input as a JSON list of [file, function], as a list of objects or errors."""

import importlib.util
import json
import os
import pathlib
import sys
import warnings

from missing import Missing
from prefect.flows import Flow

warnings.simplefilter("ignore")


sys.meta_path.append(Missing())
root = pathlib.Path(sys.argv[1])


def projects(folder):
    """Gives the folders with the packages of the projects around a folder, as if those were installed."""
    for place in [folder, *folder.parents]:
        if any((place / name).exists() for name in ("pyproject.toml", "setup.py", "setup.cfg")):
            yield from [str(place / "src"), str(place)]
        if place == root:
            return


real, sys.stdout = sys.stdout, sys.stderr
modules, out = {}, []
for file, function in json.load(sys.stdin):
    path = root / file
    try:
        if file not in modules:
            name = "loaded_%d" % len(modules)
            saved = list(sys.path)
            sys.path[:0] = [str(path.parent), str(root)]
            sys.path += projects(path.parent)
            os.chdir(root)
            try:
                spec = importlib.util.spec_from_file_location(name, path)
                module = importlib.util.module_from_spec(spec)
                sys.modules[name] = module
                spec.loader.exec_module(module)
                modules[file] = module
            except BaseException as error:
                modules[file] = error
            finally:
                sys.path[:] = saved
                for known in [m for m in list(sys.modules) if isinstance(getattr(sys.modules[m], "__loader__", None), Missing)]:
                    del sys.modules[known]  # what is missing here may be a package of the next file's project
        found = modules[file]
        if isinstance(found, BaseException):
            raise found
        for part in function.split("."):
            found = getattr(found, part)
        if not isinstance(found, Flow):
            raise TypeError("no flow")
        schema = found.parameters.model_dump(mode="json", exclude_unset=True)
        out.append({k: v for k, v in schema.items() if v not in ([], None)})
    except BaseException as error:
        out.append({"error": repr(error)[:200]})
json.dump(out, real)
