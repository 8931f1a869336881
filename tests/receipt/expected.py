#!/usr/bin/env python3
"""What `duly check` must find in the log of permits (examples/receipt), worked out without duly.

    python3 tests/receipt/expected.py LOG.csv[.gz] > tests/receipt/expected.json
    python3 tests/receipt/expected.py LOG.csv[.gz] --list violating-cases.json

Per clause: how many cases violate it, how many instances do, in which state every instance is, how many cases cannot
be judged, and a sha256 over the violating cases: the lines `case TAB clause LF`, sorted by bytes.
`all` is the same sha256 over the lines of all clauses together.

Needs the standard library (and the package `tzdata` where the system has no time zones).
"""

import argparse
import csv
import gzip
import hashlib
import json
from collections import Counter, defaultdict
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Amsterdam")
AS_OF = datetime.fromisoformat("2015-01-01T00:00:00+01:00").astimezone(UTC)
EMPTY = {"", "EMPTY"}
OPENING_HOURS = [(time(8, 30), time(12, 30)), (time(13, 0), time(17, 0))]  # Monday to Friday

CONFIRMATION = "Confirmation of receipt"
CHECK = "T02 Check confirmation of receipt"
DETERMINE = "T04 Determine confirmation of receipt"
PRINT = "T05 Print and send confirmation of receipt"

VIOLATING = {"met_late", "overdue", "breached"}


# Reading. All instants become UTC at once: Python subtracts two datetimes of one zone by the clock on the wall,
# which is an hour wrong over a clock change.

def instant(text):
    return None if text in EMPTY else datetime.fromisoformat(text).astimezone(UTC)


def read(path):
    """The events of each case, by instant, then by their order in the file."""
    cases = defaultdict(list)
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            cases[row["case:concept:name"]].append({
                "type": row["concept:name"],
                "at": instant(row["time:timestamp"]),
                "by": None if row["org:resource"] in EMPTY else row["org:resource"],
                "deadline": instant(row["case:deadline"]),
            })
    for events in cases.values():
        events.sort(key=lambda event: event["at"])  # stable: equal instants keep the order of the file
        events[:] = [event for event in events if event["at"] <= AS_OF]
    return cases


# Due instants.

def local(day, hour):
    return datetime.combine(day, hour, ZONE).astimezone(UTC)


def after_24_hours(start):
    return start + timedelta(hours=24)


def after_8_working_hours(start):
    """Walks over the local days from that of the start, taking what each opening span still offers."""
    left = timedelta(hours=8)
    day = start.astimezone(ZONE).date()
    while True:
        for opens, closes in OPENING_HOURS if day.weekday() < 5 else []:
            begin, end = max(start, local(day, opens)), local(day, closes)
            if begin >= end:
                continue
            if left <= end - begin:
                return begin + left
            left -= end - begin
        day += timedelta(days=1)


def end_of_third_date(start):
    """24:00 of the third local date after that of the start."""
    return local(start.astimezone(ZONE).date() + timedelta(days=4), time(0))


# Clauses. Each gives the state of every instance in one case.

def deadline(trigger, answer, due_after):
    def judge(events):
        for position, event in enumerate(events):
            if event["type"] != trigger:
                continue
            due = due_after(event["at"])
            answered = next((later["at"] for later in events[position + 1:] if later["type"] == answer), None)
            if answered is not None:
                yield "met" if answered <= due else "met_late"
            else:
                yield "overdue" if AS_OF > due else "pending"
    return judge


def different_people(one, other):
    """An instance is a person who did either step: breached by doing both. Steps without a person do not count."""
    def judge(events):
        did = {step: {event["by"] for event in events if event["type"] == step and event["by"]} for step in (one, other)}
        for person in did[one] | did[other]:
            yield "breached" if person in did[one] & did[other] else "met"
    return judge


def never_after(step, end):
    def judge(events):
        ended = False
        for event in events:
            if event["type"] == step:
                yield "breached" if ended else "met"
            ended = ended or event["type"] == end
    return judge


def requires(step, before):
    def judge(events):
        seen = False
        for event in events:
            if event["type"] == step:
                yield "met" if seen else "breached"
            seen = seen or event["type"] == before
    return judge


def nothing_after_deadline(events):
    for event in events:
        if event["deadline"] is None:
            yield "undetermined"
        else:
            yield "met" if event["at"] <= event["deadline"] else "breached"


CLAUSES = {
    "receipt/w1": deadline(CONFIRMATION, CHECK, after_24_hours),
    "receipt/k1": deadline(CONFIRMATION, CHECK, after_8_working_hours),
    "receipt/d1": deadline(DETERMINE, PRINT, end_of_third_date),
    "receipt/f1": different_people(CHECK, DETERMINE),
    "receipt/n1": never_after(CHECK, DETERMINE),
    "receipt/r1": requires(PRINT, DETERMINE),
    "receipt/x1": nothing_after_deadline,
}


# The answer.

def sha256(lines):
    return hashlib.sha256("".join(sorted(f"{line}\n" for line in lines)).encode()).hexdigest()


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("log")
    arguments.add_argument("--list", metavar="FILE", help="write the violating cases of each clause to this file")
    arguments = arguments.parse_args()
    cases = read(arguments.log)

    clauses, violating = {}, {}
    for clause, judge in CLAUSES.items():
        states = {case: Counter(judge(events)) for case, events in cases.items()}
        total = sum(states.values(), Counter())
        violating[clause] = sorted(case for case, counts in states.items() if VIOLATING & counts.keys())
        clauses[clause] = {
            "cases": len(violating[clause]),
            "instances": sum(total[state] for state in VIOLATING),
            "states": dict(sorted(total.items())),
            "undetermined_cases": sum("undetermined" in counts for counts in states.values()),
            "sha256": sha256(f"{case}\t{clause}" for case in violating[clause]),
        }

    print(json.dumps({
        "as_of": AS_OF.astimezone(ZONE).isoformat(),
        "cases": len(cases),
        "events": sum(map(len, cases.values())),
        "clauses": clauses,
        "all": sha256(f"{case}\t{clause}" for clause in CLAUSES for case in violating[clause]),
    }, indent=2))
    if arguments.list:
        with open(arguments.list, "w", encoding="utf-8") as file:
            json.dump(violating, file, indent=1)
            file.write("\n")


if __name__ == "__main__":
    main()
