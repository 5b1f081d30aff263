#!/usr/bin/env python3
"""Computes the numbers of a report from the raw samples of a Prometheus, and compares them with what the report says.

usage: independent.py http://127.0.0.1:9090 FOLDER [seconds for which a sample counts, 300 if left out]
                      [computed, recorded or partly, computed if left out]

Written from what docs/REPORTS.md and the comments of alerts/saasbackup-history.rules.yml say, without any PromQL: it asks for
samples as they were scraped, and decides for every workload and time in Python.

With `recorded` and `partly` Prometheus also has the recorded series, of which every sample has to be what the raw samples of
its time say. A report that reads them says at each time what held when the rules were last evaluated, so it may differ from
one that computes by the time between two evaluations, and where a series ended by how long a sample counts. `recorded`
demands exactly that everywhere. `partly` accepts, for each time, what was recorded or what held, because it is the report's
matter which days it computes: wherever nothing changed, both are the same.
"""

import bisect
import collections
import csv
import datetime
import json
import pathlib
import re
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
NUMBERS = ["saasbackup_seats_used", "saasbackup_retention_period_seconds"]


class Series:
    """A series as it was scraped: its value at a time is that of its last sample, unless that is too old."""

    def __init__(self, raw, lookback):
        self.labels = raw["metric"]
        self.times = [float(at) for at, _ in raw["values"]]
        self.values = [float(value) for _, value in raw["values"]]
        self.lookback = lookback

    def last(self, start, end):
        """The last value from start to end."""
        place = bisect.bisect_right(self.times, end) - 1
        return self.values[place] if place >= 0 and self.times[place] >= start else None

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


def customer_of(series):
    return tuple(series.labels[label] for label in ("provider", "source", "tenant_id"))


def by_workload(series, workload="workload"):
    """Series by what they are about: (provider, source, tenant_id), workload, tenant."""
    grouped = collections.defaultdict(list)
    for one in series:
        grouped[customer_of(one), one.labels[workload], one.labels["tenant"]].append(one)
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
            # A value that was recorded before the start counts at the start, and comes from samples of before.
            return raw_series(url, selector, start - 2 * lookback, end, lookback)

        def ask_recorded(selector):
            return by_workload(raw_series(url, selector, start - lookback, end, lookback))

        self.objectives = by_workload(ask("saasbackup_rpo_seconds"))
        self.backups = by_workload(ask("saasbackup_newest_backup_timestamp_seconds"))
        parts = ask("saasbackup_observed_timestamp_seconds")
        self.collected = by_workload([one for one in parts if one.labels["part"] not in NO_WORKLOADS], "part")
        self.healthy = by_workload(ask('saasbackup_resources{state="ok"}'))
        self.states = by_workload(ask("saasbackup_workload_state"))
        self.exporters = ask("saasbackup_exporter_build_info")
        self.shards = ask("saasbackup_exporter_shard_info")
        self.alerts = ask('ALERTS{alertstate="firing"}')
        self.within = ask_recorded("workload:saasbackup_within_objective:bool")
        self.known = ask_recorded("workload:saasbackup_known:bool")
        self.numbers = {name: ask(name) for name in NUMBERS}
        self.accounts = ask("saasbackup_accounts")
        self.lookback = lookback
        self.evaluations = sorted({time for series in self.known.values() for one in series for time in one.times})
        self.decided = {}

    def is_whole(self, time):
        """Whether each exporter that was there had all of its shards."""
        jobs = collections.defaultdict(lambda: collections.defaultdict(set))
        for one in self.shards:
            if one.at(time) is not None:
                jobs[one.labels["job"]][int(one.labels["total_shards"])].add(one.labels["shard"])
        return all(any(len(seen) >= total for total, seen in totals.items()) for totals in jobs.values())

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

    def names(self):
        """The workloads of each customer, and the names under which they have samples."""
        names = collections.defaultdict(set)
        for customer, workload, tenant in set(self.states) | set(self.objectives):
            names[customer, workload].add(tenant)
        return names

    def verdicts(self, customer, workload, tenants, time):
        """What is to be said of each name of a workload at one time."""
        states = [one for tenant in tenants for one in self.states.get((customer, workload, tenant), ())]
        is_unused = any(one.labels["state"] in UNUSED and one.at(time) == 1 for one in states)
        unknown = values([one for one in states if one.labels["state"] == "unknown"], time)
        is_unknown = bool(unknown) and min(unknown) == 1
        return {tenant: self.verdict(customer, workload, tenant, time, is_unused, is_unknown) for tenant in tenants}

    def marks(self, times, verdicts):
        """The marks of each workload of each customer, whatever it was named."""
        found = {}
        for (customer, workload), tenants in self.names().items():
            decide = verdicts(customer, workload, tenants)
            marks = [
                min((one for one in decide(time).values() if one is not None), default=NO_DATA) for time in times
            ]
            if any(mark != NO_DATA for mark in marks):
                found.setdefault(customer, {})[workload] = marks
        return found

    def computed(self, customer, workload, tenants):
        return lambda time: self.verdicts(customer, workload, tenants, time)

    def recorded(self, customer, workload, tenants):
        """As of the last evaluation that had a result for a name; a state that needs no objective is never recorded."""
        evaluations = self.evaluated(customer, workload, tenants)
        times = [time for time, _ in evaluations]

        def decide(time):
            now = self.verdicts(customer, workload, tenants, time)
            since, until = bisect.bisect_left(times, time - self.lookback), bisect.bisect_right(times, time)
            decided = {tenant: verdict if verdict == NOTHING_DUE else None for tenant, verdict in now.items()}
            for _, verdicts in evaluations[since:until]:
                recorded = {name: verdict for name, verdict in verdicts.items() if verdict in (OUTSIDE, UNDETERMINED, WITHIN)}
                decided.update(recorded)
            return decided

        return decide

    def evaluated(self, customer, workload, tenants):
        """What was to be said whenever the rules were evaluated."""
        if (customer, workload) not in self.decided:
            self.decided[customer, workload] = [
                (time, self.verdicts(customer, workload, tenants, time)) for time in self.evaluations
            ]
        return self.decided[customer, workload]

    def wrong_records(self):
        """How many samples were recorded, and which of them are not what the raw samples of their time say."""
        count, wrong = 0, []
        for (customer, workload), tenants in self.names().items():
            for tenant in tenants:
                key = (customer, workload, tenant)
                recorded = {}
                for family, series in (("within", self.within), ("known", self.known)):
                    for one in series.get(key, ()):
                        recorded |= {(family, time): value for time, value in zip(one.times, one.values)}
                expected = {}
                for time, verdicts in self.evaluated(customer, workload, tenants):
                    verdict = verdicts[tenant]
                    if verdict in (OUTSIDE, UNDETERMINED, WITHIN):
                        expected["known", time] = float(verdict != UNDETERMINED)
                    if verdict in (OUTSIDE, WITHIN):
                        expected["within", time] = float(verdict == WITHIN)
                count += len(expected)
                for one in sorted(set(recorded) | set(expected)):
                    if recorded.get(one) != expected.get(one):
                        wrong.append(f"{key} {one}: recorded is {recorded.get(one)}, the samples say {expected.get(one)}")
        return count, wrong


def without_times_before_and_after(customers, is_whole):
    """Marks the times before a customer was first seen, and after it was last seen, while others were seen.

    Only if all shards were there: the customer may be one of a shard that was down.
    """
    count = len(is_whole)
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
                if not first <= at <= last and sources[customer[:2]][at] and is_whole[at]:
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


def disagreements(said, models, times, step, days, end):
    """Where a workload of the report is none of the models."""
    exact = [expected(marks, times, step, days, end) for marks in models]
    if all(one == exact[0] for one in exact):
        wanted = exact[0]
        found = [(key, said[key], value) for key, value in wanted.items() if key != "days" and said[key] != value]
        return found + [("day", *pair) for pair in zip(said["days"], wanted["days"]) if pair[0] != pair[1]]
    # Each time may be from either model.
    found = []
    ends = [midnight for _, midnight in days[1:]] + [end]
    parts = [("total", said["total"], days[0][1], end)]
    parts += [(day["date"], day, since, until) for day, (_, since), until in zip(said["days"], days, ends)]
    for place, reported, since, until in parts:
        least, most = collections.Counter(), collections.Counter()
        for time, *marks in zip(times, *models):
            seconds = max(0, min(time + step, until) - max(time, since))
            for mark in set(marks):
                most[KEYS[mark]] += seconds
                least[KEYS[mark]] += seconds if len(set(marks)) == 1 else 0
        for key in KEYS.values():
            if not least[key] <= reported[key] <= most[key]:
                found.append((f"{place} {key}", reported[key], f"{least[key]} to {most[key]}"))
    return found


def percent(part, whole):
    """Rounded down, but never to nothing, as a page has it."""
    tenths = part * 1000 // whole
    if part in (0, whole):
        return "0 %" if part == 0 else "100 %"
    return f"{tenths // 10}.{tenths % 10} %" if tenths else "&lt; 0.1 %"


def page_figures(document):
    for workload in document["workloads"]:
        total = workload["total"]
        whole = total["within_seconds"] + total["outside_seconds"] + total["unknown_seconds"]
        for name in ("within", "outside", "unknown"):
            yield name, percent(total[f"{name}_seconds"], whole)


def table_rows(document):
    for workload in document["workloads"]:
        for day in workload["days"]:
            yield {"workload": workload["workload"], **{key: str(value) for key, value in day.items()}}


def facts(samples, customer, until):
    """Seats, retention and accounts as they were last in the day before."""

    def largest(series):
        found = (one.last(until - 86400, until) for one in series if customer_of(one) == customer)
        return max((value for value in found if value is not None), default=None)

    numbers = {name: largest(series) for name, series in samples.numbers.items()}
    states = {one.labels["state"] for one in samples.accounts}
    accounts = {state: largest([one for one in samples.accounts if one.labels["state"] == state]) for state in states}
    return [{key: value for key, value in found.items() if value is not None} for found in (numbers, accounts)]


def alert_days(samples, customer, days, end):
    ends = [midnight for _, midnight in days[1:]] + [end]
    found = collections.defaultdict(set)
    for one in samples.alerts:
        if "tenant_id" in one.labels and customer_of(one) == customer:
            dates = {date for (date, since), until in zip(days, ends) if one.last(since, until - 1) is not None}
            found[one.labels["alertname"], one.labels["severity"]] |= dates
    return {alert: sorted(dates) for alert, dates in found.items() if dates}


def main():
    url, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    lookback = float(sys.argv[3]) if len(sys.argv) > 3 else 300.0
    kind = sys.argv[4] if len(sys.argv) > 4 else "computed"
    index = json.loads((folder / "index.json").read_text())
    period = index["period"]
    start, end, step = period["start"], period["end"], period["step_seconds"]
    times = range(start // step * step, end, step)
    samples = Samples(url, times[0], end, lookback)
    is_whole = [samples.is_whole(time) for time in times]
    decided = {
        "computed": [samples.computed], "recorded": [samples.recorded], "partly": [samples.recorded, samples.computed]
    }[kind]
    models = [samples.marks(times, verdicts) for verdicts in decided]
    for customers in models:
        without_times_before_and_after(customers, is_whole)
    customers = models[-1]

    records, problems = samples.wrong_records()
    compared = 0

    def same(place, reported, computed):
        if reported != computed:
            problems.append(f"{place}: the report says {reported}, the samples {computed}")

    if kind == "computed":
        same("recorded samples", 0, records)
    elif not records:
        problems.append("nothing was recorded")
    is_seen = [bool(values(samples.exporters, time)) for time in times]
    seen = sum(min(time + step, end) - max(time, start) for time, one in zip(times, is_seen) if one)
    same("seconds in which the exporter was seen", period["exporter_seen_seconds"], seen)
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
            of_models = [model[customer][workload] for model in models]
            for key, value, wanted in disagreements(said, of_models, times, step, days, end):
                problems.append(f"{place} {key}: the report says {value}, the samples {wanted}")
            total = said["total"]
            whole = total["within_seconds"] + total["outside_seconds"] + total["unknown_seconds"]
            same(f"{place} within + outside + unknown", whole, end - start)
            compared += 1
        if not reported:
            continue
        for name, at in (("first_day", min(start + 86400, end) - 1), ("last_day", end - 1)):
            numbers, accounts = facts(samples, customer, at)
            said = {key: value for key, value in document[name]["numbers"].items() if key in NUMBERS}
            same(f"{customer} {name}", [said, document[name]["accounts"]], [numbers, accounts])
        alerts = {(one["alert"], one["severity"]): one["days"] for one in document["alerts"]}
        same(f"{customer} alerts", alerts, alert_days(samples, customer, days, end))
        # The page and the table have the same numbers as the document.
        page = (folder / f"{entry['file']}.html").read_text()
        figures = re.findall(r'<div class="(within|outside|unknown)(?: zero)?"><b>([^<]*)</b>', page)
        same(f"{customer} page", figures, list(page_figures(document)))
        with open(folder / f"{entry['file']}.csv", newline="") as file:
            for row, wanted in zip(csv.DictReader(file), table_rows(document), strict=True):
                same(f"{customer} table", {key: row[key] for key in wanted}, wanted)
    said = f"{len(listed)} customers, {compared} workloads, {records} recorded samples agree"
    print("\n".join(problems[:20]) if problems else said)
    return 1 if problems or not compared else 0


sys.exit(main())
