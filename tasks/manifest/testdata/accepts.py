"""Tells which manifests Prefect's command line takes.

Standard input has a JSON list of texts, standard output gets one of the same length: nothing for a manifest that is taken, else why not.
"""
import json
import sys

import yaml
from prefect.cli.deploy._models import PrefectYamlModel
from prefect.cli.deploy._triggers import _initialize_deployment_triggers


def refusal(text):
    try:
        model = PrefectYamlModel.model_validate(yaml.safe_load(text))
        for deployment in model.deployments:
            _initialize_deployment_triggers(deployment.name, deployment.triggers or [])
    except Exception as e:  # whatever it is, the file would not be taken
        return " ".join(str(e).split())
    return None


print(json.dumps([refusal(text) for text in json.load(sys.stdin)]))
