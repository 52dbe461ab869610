"""Looks from inside an image whether runs of a flow would find what they need; prints the problems as JSON."""

import inspect
import json
import os
import subprocess
import sys

asked = json.loads(sys.argv[1])
problems = []
os.environ.setdefault("PREFECT_HOME", "/tmp/prefect")
os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"


def load():
    try:
        os.chdir(asked["root"])
    except OSError as error:
        return problems.append(f"the image has no folder {asked['root']} with the code: {error.strerror}")
    sys.path.insert(0, asked["root"])
    try:
        import prefect
        from prefect.flows import Flow, load_flow_from_entrypoint
    except Exception as error:
        return problems.append(f"Prefect can't be imported: {error}")
    theirs, ours = asked["server"].split(".")[:2], prefect.__version__.split(".")[:2]
    if asked["server"] and (theirs[0] != ours[0] or int(ours[1]) > int(theirs[1])):
        problems.append(f"the image has Prefect {prefect.__version__}, the server is {asked['server']}: the server must not be older")
    try:
        flow = load_flow_from_entrypoint(asked["entrypoint"], use_placeholder_flow=False)
    except BaseException as error:
        cause = error.__cause__ or error
        return problems.append(f"{asked['entrypoint']} can't be imported: {type(cause).__name__}: {cause}")
    if not isinstance(flow, Flow):
        return problems.append(f"{asked['entrypoint']} is no flow")
    if flow.name != asked["flow"]:
        problems.append(f"the flow's name is {flow.name}, expected {asked['flow']}")
    have = list(inspect.signature(flow.fn).parameters)
    if asked["parameters"] is not None and have != asked["parameters"]:
        problems.append(f"the flow's parameters are {have}, expected {asked['parameters']}: the image has other code")


def packages():
    done = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True)
    if done.returncode and "No module named pip" not in done.stderr:
        problems.extend("packages don't fit: " + line for line in (done.stdout or done.stderr).splitlines())


def folders():
    for folder in asked["folders"] or []:
        if not os.path.isdir(folder):
            problems.append(f"the image has no folder {folder}, which a volume is mounted on")
    for folder in asked["volumes"] or []:
        if not os.path.isdir(folder):
            problems.append(f"the image has no folder {folder}, which a volume is mounted on")
        elif not os.access(folder, os.W_OK):
            problems.append(f"the folder {folder} is not writable for the user {os.getuid()}:{os.getgid()}")


load()
packages()
folders()
print("flowmage-check:" + json.dumps(problems))
