"""Prints the YAML of standard input, as Prefect's own YAML reader takes it, as JSON."""

import json
import sys

import yaml

json.dump(yaml.safe_load(sys.stdin), sys.stdout, default=str)
