"""Reads an exposition from standard input with prometheus_client's parser and prints what it understood as JSON."""

import json
import sys

from prometheus_client import parser as text
from prometheus_client.openmetrics import parser as openmetrics

PARSERS = {
    "openmetrics": openmetrics.text_string_to_metric_families,
    "text": text.text_string_to_metric_families,
}


def main():
    parse = PARSERS[sys.argv[1]]
    exposition = sys.stdin.buffer.read().decode("utf-8")
    families = [
        {
            "name": family.name,
            "kind": family.type,
            "unit": family.unit,
            "help": family.documentation,
            "samples": [
                {
                    "name": sample.name,
                    "labels": sample.labels,
                    # The shortest text that gives this number again: JSON knows no infinity.
                    "value": repr(float(sample.value)),
                    "has_timestamp": sample.timestamp is not None,
                }
                for sample in family.samples
            ],
        }
        for family in parse(exposition)
    ]
    json.dump(families, sys.stdout)


main()
