"""Validates objects of the Prometheus Operator against its models: prometheus_operator.py FILE...

The models are generated from the operator's published definitions (CRDs). Prints "passed KIND/NAME" for each object; fails
on the first that the models reject, or that has a field which they do not know: Kubernetes drops such a field.
"""

import sys

import yaml
from cloudcoil.models.prometheus_operator import v1

GROUP = "monitoring.coreos.com/v1"


def lost(given, kept, path):
    """Paths of what the model did not keep."""
    if isinstance(given, dict) and isinstance(kept, dict):
        return [one for key, value in given.items() for one in lost(value, kept.get(key), f"{path}.{key}")]
    if isinstance(given, list) and isinstance(kept, list) and len(given) == len(kept):
        return [one for index, pair in enumerate(zip(given, kept)) for one in lost(*pair, f"{path}[{index}]")]
    return [] if given == kept else [path]


for file in sys.argv[1:]:
    with open(file, encoding="utf-8") as text:
        objects = [one for one in yaml.safe_load_all(text) if one and one.get("apiVersion") == GROUP]
    for one in objects:
        name = f"{one['kind']}/{one['metadata']['name']}"
        model = getattr(v1, one["kind"]).model_validate(one)
        unknown = lost(one, model.model_dump(by_alias=True, exclude_unset=True, mode="json"), name)
        if unknown:
            sys.exit(f"not in the definitions of the Prometheus Operator: {', '.join(unknown)}")
        print(f"passed {name}")
