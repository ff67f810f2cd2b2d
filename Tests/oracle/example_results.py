#!/usr/bin/env python3
"""Prints the summary of examples/results/ that its README.md shows, computed with scipy.

    pip install scipy
    python3 Tests/oracle/example_results.py
"""
import collections
import json
import pathlib
import sys

# This folder holds a file named like a module of Python's that scipy's own imports may need.
sys.path = [entry for entry in sys.path if entry != str(pathlib.Path(__file__).resolve().parent)]

import numpy as np  # noqa: E402
from scipy import stats  # noqa: E402

FOLDER = pathlib.Path(__file__).parents[2] / "examples" / "results"
THRESHOLD = 0.7


def read(name):
    lines = (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def score(record):
    value = record["reliability_score"]
    return value["overall_score"] if isinstance(value, dict) else value


def succeeded(record):
    return record["trajectory"]["status"] == "success"


def passed(record):
    return succeeded(record) and score(record) >= THRESHOLD


def by_scenario(records, value):
    groups = collections.defaultdict(list)
    for record in records:
        groups[record["scenario"]["id"]].append(float(value(record)))
    return {scenario: np.mean(values) for scenario, values in sorted(groups.items())}


def interval(values):
    values = np.array(list(values))
    mean, error = values.mean(), stats.sem(values)
    low, high = stats.t.interval(0.95, len(values) - 1, mean, error)
    return mean, error, low, high


def known(records, value):
    return np.array([value(record) for record in records], float)


def print_summary(name, records):
    statuses = collections.Counter(record["trajectory"]["status"] for record in records)
    codes = collections.Counter(r["trajectory"]["error"]["code"] for r in records if "error" in r["trajectory"])
    calls = [step for r in records for step in r["trajectory"]["full_trajectory"] if "tool" in step]
    failed = sum("error" in step for step in calls)
    seconds = known([r for r in records if succeeded(r)], lambda r: r["trajectory"]["execution_time_seconds"])
    costs = known([r for r in records if "token_usage" in r["trajectory"]],
                  lambda r: r["trajectory"]["token_usage"]["total_cost"])
    print(f"{name}: {len(records)} runs, {len({r['scenario']['id'] for r in records})} scenarios")
    print("  statuses           ", dict(sorted(statuses.items())))
    print("  error codes        ", dict(sorted(codes.items())))
    print("  score              ", "%.6f, se %.6f, [%.6f, %.6f]" % interval(by_scenario(records, score).values()))
    print("  pass rate          ", "%.6f, se %.6f, [%.6f, %.6f]" % interval(by_scenario(records, passed).values()))
    print("  bare scores        ", sum(not isinstance(r["reliability_score"], dict) for r in records))
    print("  tool calls         ", f"{len(calls)}, failed {failed} ({100 * failed / len(calls):.1f} %)")
    print("  median seconds     ", f"{np.median(seconds):.3f} of {len(seconds)} runs, mean {seconds.mean():.3f}")
    print("  total cost         ", f"{costs.sum():.6f} of {len(costs)} runs")


def print_difference(name, baseline, candidate):
    differences = [candidate[s] - baseline[s] for s in baseline]
    test = stats.ttest_1samp(differences, 0)
    print(f"{name} ({len(differences)} scenarios):",
          "%.6f, se %.6f, [%.6f, %.6f]" % interval(differences), f"p {test.pvalue:.3g}")


def main():
    baseline, candidate = read("baseline"), read("candidate")
    print_summary("baseline", baseline)
    print_summary("candidate", candidate)
    print("\ncandidate − baseline, paired by scenario")
    print_difference("score", by_scenario(baseline, score), by_scenario(candidate, score))
    print_difference("passed", by_scenario(baseline, passed), by_scenario(candidate, passed))
    for label, keep in [("tagged refunds or multi_step", lambda t: t & {"refunds", "multi_step"}),
                        ("all others", lambda t: not t & {"refunds", "multi_step"})]:
        sides = [[r for r in side if keep(set(r["scenario"]["tags"]))] for side in (baseline, candidate)]
        print_difference(f"score, {label}", *(by_scenario(side, score) for side in sides))


if __name__ == "__main__":
    main()
