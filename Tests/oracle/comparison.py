#!/usr/bin/env python3
"""Writes what a comparison of examples/results/baseline.jsonl and candidate.jsonl must say, computed with numpy and scipy.

    pip install scipy
    python3 Tests/oracle/comparison.py > Tests/ArcKitTests/Fixtures/comparison.json
"""
import collections
import json
import math
import pathlib
import sys

# This folder holds a file named like a module of Python's that scipy's own imports may need.
FOLDER = pathlib.Path(__file__).resolve().parent
sys.path = [entry for entry in sys.path if entry != str(FOLDER)]

import numpy as np  # noqa: E402
from scipy import stats  # noqa: E402

RESULTS = FOLDER.parents[1] / "examples" / "results"
THRESHOLD = 0.7


def read(name):
    lines = (RESULTS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def score(run):
    value = run["reliability_score"]
    return value["overall_score"] if isinstance(value, dict) else value


def passed(run):
    return run["trajectory"]["status"] == "success" and score(run) >= THRESHOLD


def latency(run):
    # A run that failed says 0, which means that nobody knows.
    seconds = run["trajectory"]["execution_time_seconds"]
    return round(seconds * 1000) if seconds > 0 else None


def usage(field):
    return lambda run: run["trajectory"].get("token_usage", {}).get(field)


def dimension(name):
    def value(run):
        scores = run["reliability_score"]
        return scores.get("dimension_scores", {}).get(name) if isinstance(scores, dict) else None
    return value


def means(runs, value):
    groups = collections.defaultdict(list)
    for run in runs:
        known = value(run)
        if known is not None:
            groups[run["scenario"]["id"]].append(float(known))
    return {scenario: np.mean(values) for scenario, values in groups.items()}


def verdicts(runs):
    groups = collections.defaultdict(list)
    for run in runs:
        groups[run["scenario"]["id"]].append(passed(run))
    return groups


def all_pass(k):
    return lambda runs: {
        s: math.comb(sum(v), k) / math.comb(len(v), k) for s, v in verdicts(runs).items() if len(v) >= k}


def any_passes(k):
    return lambda runs: {
        s: 1 - math.comb(len(v) - sum(v), k) / math.comb(len(v), k)
        for s, v in verdicts(runs).items() if len(v) >= k}


def difference(a, b, among=None):
    matched = sorted(s for s in a if s in b and (among is None or s in among))
    first, second = (np.array([side[s] for s in matched]) for side in (a, b))
    d = second - first
    row = {"matched": len(d), "a": first.mean(), "b": second.mean(), "difference": d.mean(),
           "se": None, "low": None, "high": None, "p": None, "effect_size": None}
    if len(d) > 1 and np.ptp(d) > 1e-12:
        se = stats.sem(d)
        low, high = stats.t.interval(0.95, len(d) - 1, d.mean(), se)
        row.update(se=se, low=low, high=high, p=stats.ttest_1samp(d, 0).pvalue,
                   effect_size=d.mean() / d.std(ddof=1))
    return row, d, (first, second)


def holm(values):
    known = sorted((p, i) for i, p in enumerate(values) if p is not None)
    result, highest = [None] * len(values), 0.0
    for rank, (p, index) in enumerate(known):
        highest = max(highest, min(1.0, p * (len(known) - rank)))
        result[index] = highest
    return result


def benjamini_hochberg(values):
    known = [i for i, p in enumerate(values) if p is not None]
    result = [None] * len(values)
    for index, p in zip(known, stats.false_discovery_control([values[i] for i in known], method="bh")):
        result[index] = float(p)
    return result


def smallest_detectable_effect(se, df, alpha=0.05, power=0.8):
    critical = stats.t.ppf(1 - alpha / 2, df)
    low, high = 0.0, 20.0
    for _ in range(200):
        middle = (low + high) / 2
        reached = stats.nct.sf(critical, df, middle) + stats.nct.cdf(-critical, df, middle)
        low, high = (middle, high) if reached < power else (low, middle)
    return low * se


def main():
    baseline, candidate = read("baseline"), read("candidate")
    names = sorted({name for run in baseline + candidate if isinstance(run["reliability_score"], dict)
                    for name in run["reliability_score"].get("dimension_scores", {})})
    metrics = {"score": lambda r: means(r, score), "pass_rate": lambda r: means(r, passed),
               "latency_ms": lambda r: means(r, latency), "tokens": lambda r: means(r, usage("total_tokens")),
               "cost_usd": lambda r: means(r, usage("total_cost"))}
    for k in (2, 3):
        metrics[f"pass_hat_{k}"], metrics[f"pass_at_{k}"] = all_pass(k), any_passes(k)
    for name in names:
        metrics[name] = lambda r, name=name: means(r, dimension(name))
    by_metric = {name: difference(value(baseline), value(candidate))[0] for name, value in metrics.items()}
    for row, p in zip(by_metric.values(), benjamini_hochberg([row["p"] for row in by_metric.values()])):
        row["corrected_p"] = p

    scores = [means(side, score) for side in (baseline, candidate)]
    tags = collections.defaultdict(set)
    for run in baseline + candidate:
        for tag in run["scenario"]["tags"]:
            tags[tag].add(run["scenario"]["id"])
    by_tag = {tag: difference(*scores, among=tags[tag])[0] for tag in sorted(tags)}
    for row, p in zip(by_tag.values(), holm([row["p"] for row in by_tag.values()])):
        row["corrected_p"] = p

    first, second = verdicts(baseline), verdicts(candidate)
    scenarios = sorted(first)
    fisher = [float(stats.fisher_exact([[sum(first[s]), len(first[s]) - sum(first[s])],
                                        [sum(second[s]), len(second[s]) - sum(second[s])]]).pvalue)
              for s in scenarios]
    overall, d, sides = difference(*scores)
    permutation = stats.permutation_test(
        (d,), np.sum, permutation_type="samples", n_resamples=400_000, vectorized=True,
        rng=np.random.default_rng(5))
    flips = {
        "lost": [s for s in scenarios if all(first[s]) and not any(second[s])],
        "gained": [s for s in scenarios if not any(first[s]) and all(second[s])]}
    json.dump({
        "unpaired_se": math.sqrt(sum(side.var(ddof=1) / len(side) for side in sides)),
        "smallest_detectable_effect": smallest_detectable_effect(overall["se"], len(d) - 1),
        "permutation_p": permutation.pvalue, "by_metric": by_metric, "by_tag": by_tag,
        "fisher": dict(zip(scenarios, fisher)),
        "corrected_fisher": dict(zip(scenarios, benjamini_hochberg(fisher))), "flips": flips,
    }, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
