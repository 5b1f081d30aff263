"""Fails unless all expositions have the same series, values and types, as Python's prometheus-client reads them.

usage: same.py FILE...
"""

import sys

from prometheus_client.parser import text_fd_to_metric_families


def samples(path):
    with open(path, encoding="utf-8") as file:
        families = list(text_fd_to_metric_families(file))
    found = {}
    for family in families:
        for sample in family.samples:
            key = (family.type, sample.name, tuple(sorted(sample.labels.items())))
            if key in found:
                sys.exit(f"{path}: {key} is there twice")
            found[key] = sample.value
    return found


def main():
    first, *others = sys.argv[1:]
    expected = samples(first)
    if not expected or not others:
        sys.exit("there is nothing to compare")
    for path in others:
        found = samples(path)
        different = [key for key in expected.keys() | found.keys() if expected.get(key) != found.get(key)]
        if different:
            sys.exit(f"{path} and {first} differ in {len(different)} series, such as {different[0]}")
    print(f"{len(others)} encoders wrote the same {len(expected)} series as {first}")


main()
