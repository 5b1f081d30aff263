"""Encodes an exposition with Python's prometheus-client, to compare with.

usage: peer.py time FILE ROUNDS | write FILE

The samples of FILE are in ready families before the clock starts. `time` prints one line of JSON, `write` the
exposition.
"""

import gc
import json
import pathlib
import re
import statistics
import sys
import time

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.parser import text_fd_to_metric_families

FAMILIES = {"gauge": GaugeMetricFamily, "counter": CounterMetricFamily}


class Ready:
    """Hands out families that are there already."""

    def __init__(self, path):
        self.families = []
        with open(path, encoding="utf-8") as file:
            for read in text_fd_to_metric_families(file):
                family = FAMILIES[read.type](read.name, read.documentation)
                family.samples = read.samples
                self.families.append(family)

    def collect(self):
        return self.families


def peak():
    status = pathlib.Path("/proc/self/status").read_text(encoding="utf-8")
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) * 1024


def measure(registry, series, rounds):
    size = len(generate_latest(registry))
    gc.collect()
    pathlib.Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")
    taken = []
    for _ in range(rounds):
        started = time.perf_counter_ns()
        generate_latest(registry)
        taken.append((time.perf_counter_ns() - started) / series)
    figures = {"median_ns": statistics.median_high(taken), "min_ns": min(taken), "max_ns": max(taken)}
    about = {"subject": "python", "series": series, "bytes": size, "rounds": rounds}
    print(json.dumps({**about, **figures, "peak_rss_bytes": peak()}))


def main():
    ready = Ready(sys.argv[2])
    registry = CollectorRegistry(auto_describe=False)
    registry.register(ready)
    if sys.argv[1] == "write":
        sys.stdout.buffer.write(generate_latest(registry))
    else:
        series = sum(len(family.samples) for family in ready.families)
        measure(registry, series, int(sys.argv[3]))


main()
