"""Says what parameters Prefect finds in flows, for `schemas: python` in an environment's settings.

Standard input is a JSON list of entrypoints. Standard output tells in lines of JSON, first the versions, then for each entrypoint, in that
order, its schema, or why there is none and where. What the flows' modules print goes to standard error.
"""

import json
import os
import sys
import traceback
from importlib.metadata import version

ROOT = os.getcwd() + os.sep


def reason_of(error):
    """Gives what went wrong in one line, and the innermost place in the user's code, if there is one."""
    error = getattr(error, "user_exc", error)  # Prefect wraps what a script raises
    text = f"{type(error).__name__}: {error}".strip().rstrip(":")
    if isinstance(error, SyntaxError) and error.filename:
        places = [(error.filename, error.lineno)]
    else:
        places = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    for file, line in reversed(places):
        if ours(file):
            return {"reason": text, "file": os.path.relpath(file).replace(os.sep, "/"), "line": line or 0}
    return {"reason": text}


def ours(file):
    path = os.path.abspath(file)
    return path.startswith(ROOT) and "site-packages" not in path and not path.startswith(os.path.join(ROOT, ".flowmage"))


def forget(paths):
    """Forgets the repository's modules: beside the next file another module may lie by the same name."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        places = [file] if file else list(getattr(module, "__path__", []))
        if name != "__main__" and any(ours(place) for place in places):
            del sys.modules[name]
    sys.path[:] = paths


def schema_of(entrypoint):
    flow = load_flow_from_entrypoint(entrypoint, use_placeholder_flow=False)
    schema = parameter_schema(flow).model_dump_for_openapi()
    json.dumps(schema, allow_nan=False)  # what the API would refuse
    return schema


def main(entrypoints, tell):
    paths, last = list(sys.path), None
    for entrypoint in entrypoints:
        file = entrypoint.rpartition(":")[0]
        if file != last:
            forget(paths)
        last = file
        try:
            tell({"schema": schema_of(entrypoint)})
        except BaseException as error:  # a file may well end the program: sys.exit()
            tell(reason_of(error))


if __name__ == "__main__":
    # Flows print, and start programs that do: neither may get at the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    # Flows import what lies in the repository, as they do in a run.
    sys.path[0] = os.getcwd()

    def tell(about):
        answers.write(json.dumps(about) + "\n")
        answers.flush()

    from prefect.flows import load_flow_from_entrypoint
    from prefect.utilities.callables import parameter_schema

    asked = json.load(sys.stdin)
    tell({"prefect": version("prefect"), "pydantic": version("pydantic")})
    main(asked, tell)
    os._exit(0)  # threads that a module has started don't count
