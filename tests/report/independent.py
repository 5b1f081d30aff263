#!/usr/bin/env python3
"""Computes the shares of a report from the raw samples of a Prometheus, and compares them with what the report says.

usage: independent.py http://127.0.0.1:9090 FOLDER [seconds for which a sample counts, 300 if left out]

Written from what docs/REPORTS.md and the comments of alerts/saasbackup-history.rules.yml say, without any PromQL: it asks for
samples as they were scraped, and decides for every workload and time in Python.
"""

import bisect
import collections
import datetime
import json
import pathlib
import sys
import urllib.parse
import urllib.request
import zoneinfo

OUTSIDE, UNDETERMINED, WITHIN, NOTHING_DUE, NO_DATA, NOT_CUSTOMER = range(6)
KEYS = {
    WITHIN: "within_seconds",
    OUTSIDE: "outside_seconds",
    UNDETERMINED: "unknown_undetermined_seconds",
    NOTHING_DUE: "unknown_nothing_due_seconds",
    NO_DATA: "unknown_no_data_seconds",
    NOT_CUSTOMER: "unknown_not_customer_seconds",
}
UNUSED = {"paused", "not_licensed", "empty"}
FAILED = {"never", "stopped", "late"}
NO_WORKLOADS = {"listing", "seats", "coverage", "lifecycle"}


class Series:
    """A series as it was scraped: its value at a time is that of its last sample, unless that is too old."""

    def __init__(self, raw, lookback):
        self.labels = raw["metric"]
        self.times = [float(at) for at, _ in raw["values"]]
        self.values = [float(value) for _, value in raw["values"]]
        self.lookback = lookback

    def at(self, time):
        place = bisect.bisect_right(self.times, time) - 1
        if place < 0 or time - self.times[place] > self.lookback:
            return None
        return self.values[place]


def raw_series(url, selector, start, end, lookback):
    """All samples of a selector, a day at a time."""
    found = {}
    until = start
    while until < end:
        since, until = until, min(until + 86400, end)
        query = urllib.parse.urlencode({"query": f"{selector}[{int(until - since)}s]", "time": until})
        with urllib.request.urlopen(f"{url}/api/v1/query?{query}") as reply:
            answer = json.load(reply)
        for series in answer["data"]["result"]:
            labels = json.dumps(series["metric"], sort_keys=True)
            known = found.setdefault(labels, {"metric": series["metric"], "values": []})["values"]
            known += [sample for sample in series["values"] if not known or sample[0] > known[-1][0]]
    return [Series(raw, lookback) for raw in found.values()]


def by_workload(series, workload="workload"):
    """Series by what they are about: (provider, source, tenant_id), workload, tenant."""
    grouped = collections.defaultdict(list)
    for one in series:
        labels = one.labels
        customer = (labels["provider"], labels["source"], labels["tenant_id"])
        grouped[customer, labels[workload], labels["tenant"]].append(one)
    return grouped


def values(series, time):
    found = (one.at(time) for one in series)
    return [value for value in found if value is not None]


def newest(series, time):
    """The freshest that any replica says."""
    return max(values(series, time), default=None)


class Samples:
    def __init__(self, url, start, end, lookback):
        def ask(selector):
            return raw_series(url, selector, start - lookback, end, lookback)

        self.objectives = by_workload(ask("saasbackup_rpo_seconds"))
        self.backups = by_workload(ask("saasbackup_newest_backup_timestamp_seconds"))
        parts = ask("saasbackup_observed_timestamp_seconds")
        self.collected = by_workload([one for one in parts if one.labels["part"] not in NO_WORKLOADS], "part")
        self.healthy = by_workload(ask('saasbackup_resources{state="ok"}'))
        self.states = by_workload(ask("saasbackup_workload_state"))

    def verdict(self, customer, workload, tenant, time, is_unused, is_unknown):
        """What is to be said of one name of a workload at one time; None if there are no samples."""
        key = (customer, workload, tenant)
        states = {one.labels["state"] for one in self.states.get(key, ()) if one.at(time) == 1}
        objective = newest(self.objectives.get(key, ()), time)
        if is_unused:
            return NOTHING_DUE if states & UNUSED else None
        if objective is None:
            return None
        backup = newest(self.backups.get(key, ()), time)
        if is_unknown:
            return UNDETERMINED
        # A backup stays one, however old the knowledge of it is.
        if backup is not None and time - backup <= objective:
            return WITHIN
        collected = newest(self.collected.get(key, ()), time)
        if collected is None or time - collected > objective / 2:
            return UNDETERMINED
        if backup is not None:
            return OUTSIDE if collected - backup > objective else UNDETERMINED
        healthy = values(self.healthy.get(key, ()), time)
        if healthy and min(healthy) > 0:
            return WITHIN
        return OUTSIDE if states & FAILED else UNDETERMINED

    def marks(self, times):
        """The marks of each workload of each customer, whatever it was named."""
        names = collections.defaultdict(set)
        for customer, workload, tenant in set(self.states) | set(self.objectives):
            names[customer, workload].add(tenant)
        found = {}
        for (customer, workload), tenants in names.items():
            states = [one for tenant in tenants for one in self.states.get((customer, workload, tenant), ())]
            marks = []
            for time in times:
                is_unused = any(one.labels["state"] in UNUSED and one.at(time) == 1 for one in states)
                unknown = values([one for one in states if one.labels["state"] == "unknown"], time)
                is_unknown = bool(unknown) and min(unknown) == 1
                verdicts = [
                    self.verdict(customer, workload, tenant, time, is_unused, is_unknown) for tenant in tenants
                ]
                marks.append(min((one for one in verdicts if one is not None), default=NO_DATA))
            if any(mark != NO_DATA for mark in marks):
                found.setdefault(customer, {})[workload] = marks
        return found


def without_times_before_and_after(customers, count):
    """Marks the times before a customer was first seen, and after it was last seen, while others were seen."""
    seen = {
        customer: [any(marks[at] != NO_DATA for marks in workloads.values()) for at in range(count)]
        for customer, workloads in customers.items()
    }
    sources = collections.defaultdict(lambda: [False] * count)
    for (provider, source, _), times in seen.items():
        sources[provider, source] = [a or b for a, b in zip(sources[provider, source], times)]
    for customer, workloads in customers.items():
        first, last = seen[customer].index(True), count - 1 - seen[customer][::-1].index(True)
        for marks in workloads.values():
            for at in range(count):
                if not first <= at <= last and sources[customer[:2]][at]:
                    marks[at] = NOT_CUSTOMER


def shares(marks, times, step, start, end):
    seconds = dict.fromkeys(KEYS.values(), 0)
    for mark, time in zip(marks, times):
        seconds[KEYS[mark]] += max(0, min(time + step, end) - max(time, start))
    seconds["unknown_seconds"] = sum(value for key, value in seconds.items() if key.startswith("unknown_"))
    return seconds


def longest(marks, wanted, times, step, start, end):
    best = current = 0
    for mark, time in zip(marks, times):
        current = current + min(time + step, end) - max(time, start) if mark in wanted else 0
        best = max(best, current)
    return best


def midnight(date, zone):
    return int(datetime.datetime.fromisoformat(date).replace(tzinfo=zone).timestamp())


def expected(marks, times, step, days, end):
    start = days[0][1]
    ends = [midnight for _, midnight in days[1:]] + [end]
    result = {
        "total": shares(marks, times, step, start, end),
        "longest_outside_seconds": longest(marks, {OUTSIDE}, times, step, start, end),
        "longest_unknown_seconds": longest(marks, set(KEYS) - {OUTSIDE, WITHIN}, times, step, start, end),
        "days": [{**shares(marks, times, step, since, until), "date": date} for (date, since), until in zip(days, ends)],
    }
    worst, badness = None, (0, 0)
    for day in result["days"]:
        this = (day["outside_seconds"], day["unknown_undetermined_seconds"] + day["unknown_no_data_seconds"])
        if this > badness:
            worst, badness = day["date"], this
    return {**result, "worst_day": worst}


def main():
    url, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    lookback = float(sys.argv[3]) if len(sys.argv) > 3 else 300.0
    index = json.loads((folder / "index.json").read_text())
    period = index["period"]
    start, end, step = period["start"], period["end"], period["step_seconds"]
    times = range(start // step * step, end, step)
    customers = Samples(url, times[0], end, lookback).marks(times)
    without_times_before_and_after(customers, len(times))

    problems, compared = [], 0

    def same(place, reported, computed):
        if reported != computed:
            problems.append(f"{place}: the report says {reported}, the samples {computed}")

    listed = [(one["provider"], one["source"], one["tenant_id"]) for one in index["customers"]]
    same("customers", sorted(listed), sorted(customers))
    zone = zoneinfo.ZoneInfo(period["timezone"])
    for customer, entry in zip(listed, index["customers"]):
        document = json.loads((folder / f"{entry['file']}.json").read_text())
        reported = {workload["workload"]: workload for workload in document["workloads"]}
        unused = set(document["unused_workloads"])
        same(f"{customer} workloads", sorted(set(reported) | unused), sorted(customers.get(customer, ())))
        for workload, marks in customers.get(customer, {}).items():
            place = f"{customer} {workload}"
            if not {WITHIN, OUTSIDE, UNDETERMINED} & set(marks):
                same(f"{place} is unused", workload in unused, True)
                continue
            said = reported.get(workload)
            if said is None:
                problems.append(f"{place} is not in the report")
                continue
            days = [(day["date"], midnight(day["date"], zone)) for day in said["days"]]
            same(f"{place} start", days[0][1], start)
            for key, value in expected(marks, times, step, days, end).items():
                same(f"{place} {key}", said[key], value)
            total = said["total"]
            whole = total["within_seconds"] + total["outside_seconds"] + total["unknown_seconds"]
            same(f"{place} within + outside + unknown", whole, end - start)
            compared += 1
    print("\n".join(problems[:20]) if problems else f"{len(listed)} customers, {compared} workloads agree")
    return 1 if problems or not compared else 0


sys.exit(main())
