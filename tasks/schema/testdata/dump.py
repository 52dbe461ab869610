"""Prints the parameter schemas that Prefect computes for the functions of the modules of a folder, as one JSON object by module and name."""

import importlib
import inspect
import json
import pathlib
import sys
import warnings

from missing import Missing
from prefect.utilities.callables import parameter_schema

warnings.simplefilter("ignore")
root = pathlib.Path(sys.argv[1])
optional = "--missing" in sys.argv  # modules may fail to load, and what they import may not be there
if optional:
    sys.meta_path.append(Missing())
real, sys.stdout = sys.stdout, sys.stderr
sys.path.insert(0, str(root))
result = {}
for file in sorted(root.glob("*.py")):
    if file.stem.startswith("lib_"):
        continue
    try:
        module = importlib.import_module(file.stem)
    except BaseException:
        if not optional:
            raise
        continue
    schemas = {}
    for name, fn in inspect.getmembers(module, inspect.isfunction):
        if fn.__module__ != file.stem or name.startswith("_"):
            continue
        try:
            schema = parameter_schema(fn).model_dump(mode="json", exclude_unset=True)
            schemas[name] = {k: v for k, v in schema.items() if v not in ([], None)}
        except Exception as error:
            schemas[name] = {"error": repr(error)}
    result[file.stem] = schemas
json.dump(result, real)
