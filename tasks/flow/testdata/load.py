"""Loads the entrypoints on standard input as Prefect does; prints each flow's name, or "" where there is none, as one JSON object."""
import json
import logging
import sys
import warnings

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)

from prefect.flows import load_flow_from_entrypoint  # noqa: E402

out = {}
for entrypoint in sys.stdin.read().split():
    try:
        out[entrypoint] = load_flow_from_entrypoint(entrypoint, use_placeholder_flow=False).name
    except Exception as e:
        out[entrypoint] = "" if "not found" in str(e) or "is not a flow" in str(e) else repr(e)
print(json.dumps(out))
