"""Prints the parameter schemas that Prefect computes for the functions of a file, as one JSON object by name."""

import importlib.util
import inspect
import json
import sys

from prefect.utilities.callables import parameter_schema

spec = importlib.util.spec_from_file_location("signatures", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
schemas = {}
for name, fn in inspect.getmembers(module, inspect.isfunction):
    schema = parameter_schema(fn).model_dump(mode="json", exclude_unset=True)
    schemas[name] = {k: v for k, v in schema.items() if v not in ([], None)}
json.dump(schemas, sys.stdout)
