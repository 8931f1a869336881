#!/usr/bin/env python3
"""Runs the peers on the same cases: first whether all find the same, then how fast, round by round. Called by run.sh.

Writes `bench.json` into the target folder and prints a table. README.md says what is inside each timed section.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys

# SHA-256 of the sorted violations of the first 10,000 cases.
CHECKED = 10_000
EXPECTED = "1505c7e524a1e55c1d7a3e4c6128ff691427f0c9eeda45136ce755550e00a8a5"
# The engines are slow, and hold their values in much memory: they get so many cases at most. Their rate does not depend on it.
MOST_FOR_ENGINES = 100_000
NIGHTS = ["nightly_full", "nightly_idle", "nightly_2pct", "one_clause_edited"]


def base(name):
    """What a rate is held against: a rate of two threads, which is by the clock on the wall, against another such."""
    return "native_sled_2" if name.endswith("_2") else "native_sled"


class Runner:
    """The commands, and where their files are."""

    def __init__(self, target):
        self.binaries = os.path.join(target, "peers", "release")
        self.python = os.path.join(target, "bench-venv", "bin", "python")
        self.data = os.path.join(target, "bench-data")

    def rust(self, name, *options):
        return self.run([os.path.join(self.binaries, name), *options])

    def cases(self, count):
        """The file of so many cases, made when it is not there."""
        path = os.path.join(self.data, f"cases-{count}.jsonl")
        if not os.path.exists(path):
            subprocess.run([os.path.join(self.binaries, "generate"), str(count), path], check=True)
        return path

    def path(self, name, count):
        return os.path.join(self.data, f"{name}-{count}")

    @staticmethod
    def run(command):
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
        if done.returncode:
            sys.exit(f"failed: {' '.join(command)}")
        return json.loads(done.stdout.splitlines()[-1])

    def native(self, mode, threads, count, *more):
        store = ["--store", self.path("sled", count)] if mode == "sled" else []
        return self.rust("native", "--mode", mode, "--threads", threads, "--cases", self.cases(count), *store, *more)

    def duly(self, mode, threads, count, *more):
        files = ["--cases", self.cases(count), "--store", self.path("store", count), "--policies", "benches/policies"]
        return self.rust("workload", "--mode", mode, "--threads", threads, *files, *more)

    def duckdb(self, threads, count, *more):
        files = ["--cases", self.cases(count), "--store", self.path("duckdb", count)]
        return self.run([self.python, "benches/duckdb_tables.py", "--threads", threads, *files, *more])

    def due_instant(self):
        return self.rust("workload", "--mode", "due", "--policies", "policies")["ns"]

    def engine(self, name, count, *more):
        return self.rust(name, "--cases", self.cases(min(count, MOST_FOR_ENGINES)), *more)


# In the order in which they take their turns; duly's store is imported anew in each round, and the nights come last since they change it.
TURNS = {
    "native_sled": lambda r, n, *more: r.native("sled", "1", n, *more),
    "import": lambda r, n, *more: r.duly("import", "1", n, *more),
    "import_parsed": lambda r, n, *more: r.duly("import", "1", min(n, MOST_FOR_ENGINES), "--parsed", "true", "--store", r.path("parsed", n), *more),
    "duly_full": lambda r, n, *more: r.duly("full", "1", n, *more),
    "native_eval": lambda r, n, *more: r.native("eval", "1", n, *more),
    "duly_eval": lambda r, n, *more: r.duly("eval", "1", n, *more),
    "duly_words": lambda r, n, *more: r.duly("full", "1", n, "--words", "true", *more),
    "duly_full_2": lambda r, n, *more: r.duly("full", "2", n, *more),
    "native_sled_2": lambda r, n, *more: r.native("sled", "2", n, *more),
    "native_eval_2": lambda r, n, *more: r.native("eval", "2", n, *more),
    "duckdb_tables": lambda r, n, *more: r.duckdb("1", n, *more),
    "rhai_helpers": lambda r, n, *more: r.engine("rhai-helpers", n, *more),
    "regorus": lambda r, n, *more: r.engine("regorus", n, *more),
    "nights": lambda r, n, *more: r.duly("nights", "2", n, *more),
}


def make_databases(runner, count):
    """Makes the databases of the peers first, so that the peak memory of a run is that of reading them."""
    for name in ("native_sled", "duckdb_tables"):
        TURNS[name](runner, count, "--seconds", "0")


def check(runner):
    """Whether all find the same; gives the peak memory of each."""
    peaks, wrong = {}, []
    make_databases(runner, CHECKED)
    for name, turn in TURNS.items():
        result = turn(runner, CHECKED, "--sum", "true", "--seconds", "0")
        peaks[name] = result["rss_kb"]
        if result.get("sha256", EXPECTED) != EXPECTED:
            wrong.append(f"{name}: {result['violations']} violations, {result['sha256']}")
        elif "sha256" in result:
            print(f"  {name:<15} {result['violations']} violations, as expected", flush=True)
    if wrong:
        sys.exit("\n".join(["these find something else:", *wrong, f"expected: {EXPECTED}"]))
    return peaks


def rounds(runner, count, number):
    """The results of each turn, by name."""
    make_databases(runner, count)
    results = {name: [] for name in TURNS}
    for turn_round in range(1, number + 1):
        print(f"round {turn_round} of {number}", flush=True)
        for name, turn in TURNS.items():
            result = turn(runner, count)
            results[name].append(result)
            if "rate" in result:
                print(f"  {name:<15} {result['rate']:>13,.0f} cases/s", flush=True)
        same = {(runs[-1]["n"], runs[-1]["violations"]) for runs in results.values() if "violations" in runs[-1]}
        if len(same) > len({cases for cases, _ in same}):
            sys.exit(f"the peers differ in what they find: {sorted(same)}")
    return results


def spread(numbers):
    return {"median": statistics.median(numbers), "min": min(numbers), "max": max(numbers), "rounds": numbers}


def summed_up(results, count, peaks):
    """What goes into bench.json: medians under the names, all else below."""
    spreads = {}
    for name, runs in results.items():
        if name != "nights":
            ratios = [run["rate"] / reference["rate"] for run, reference in zip(runs, results[base(name)])]
            spreads[name] = spread([run["rate"] for run in runs])
            spreads[name] |= {"ratio_to_native_sled": spread(ratios), "runs": runs}
    for night in NIGHTS:
        runs = [run[night] for run in results["nights"]]
        spreads[night] = spread([run["wall_s"] for run in runs])
        spreads[night]["cpu_s"] = spread([run["cpu_s"] for run in runs])
        spreads[night]["last"] = runs[-1]
    spreads["open_store"] = spread([run["open_s"] for run in results["duly_full"]])
    last = results["import"][-1]
    disk = {"duly": last["bytes_per_case"], "duly_journal": last["journal_bytes_per_case"], "duly_index": last["index_bytes_per_case"]}
    disk |= {name: results[name][-1]["bytes_per_case"] for name in ("native_sled", "duckdb_tables")}
    memory = {
        name: {str(CHECKED): peaks[name], str(runs[-1]["n"]): max(run["rss_kb"] for run in runs)} for name, runs in results.items()
    }
    summary = {"n": count, "rounds": len(results["import"]), "cores": os.cpu_count(), "load": os.getloadavg()[0]}
    summary |= {name: found["median"] for name, found in spreads.items()}
    return summary | {"spread": spreads, "peak_kb": memory, "disk_bytes_per_case": disk}


def table(summary):
    count, spreads, memory = summary["n"], summary["spread"], summary["peak_kb"]
    lines = [f"{count:,} cases, {summary['rounds']} rounds", ""]
    lines.append(f"{'':<16}{'cases/s':>13}{'least':>13}{'most':>13}{'of native sled':>16}{'peak MB':>9}")
    for name in (name for name in TURNS if name != "nights"):
        found = spreads[name]
        ratio, peak = found["ratio_to_native_sled"], max(memory[name].values()) / 1024
        share = f"{ratio['median']:.3f}"
        lines.append(f"{name:<16}{found['median']:>13,.0f}{found['min']:>13,.0f}{found['max']:>13,.0f}{share:>16}{peak:>9,.0f}")
    lines += ["", f"{'':<20}{'seconds':>10}{'least':>10}{'most':>10}{'CPU s':>10}{'new':>9}{'cleared':>9}"]
    for name in NIGHTS:
        found = spreads[name]
        seconds = f"{found['median']:>10.3f}{found['min']:>10.3f}{found['max']:>10.3f}{found['cpu_s']['median']:>10.3f}"
        lines.append(f"{name:<20}{seconds}{found['last']['opened']:>9,}{found['last']['cleared']:>9,}")
    found = spreads["open_store"]
    lines.append(f"{'open_store':<20}{found['median']:>10.3f}{found['min']:>10.3f}{found['max']:>10.3f}")
    lines += ["", f"a due instant in 8 working hours, over a year with holidays: {summary['due_instant_ns']:,.0f} ns"]
    lines += ["", "bytes a case on disk: " + ", ".join(f"{name} {size:,.0f}" for name, size in summary["disk_bytes_per_case"].items())]
    return "\n".join(lines)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--target", required=True)
    options.add_argument("--cases", type=int, required=True)
    options.add_argument("--rounds", type=int, required=True)
    asked = options.parse_args()
    runner = Runner(asked.target)
    print(f"do all find the same in {CHECKED:,} cases?", flush=True)
    peaks = check(runner)
    summary = summed_up(rounds(runner, asked.cases, asked.rounds), asked.cases, peaks)
    summary["due_instant_ns"] = runner.due_instant()
    with open(os.path.join(asked.target, "bench.json"), "w") as file:
        json.dump(summary, file, indent=1)
    print("\n" + table(summary))


if __name__ == "__main__":
    main()
