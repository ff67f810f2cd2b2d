#!/usr/bin/env python3
"""Writes Tests/ArcKitTests/Fixtures/statistics.json: what scipy and statsmodels say to random and degenerate inputs.

    pip install scipy statsmodels
    python3 Tests/oracle/statistics.py

The Swift tests compare ArcKit with the committed file, so they need no Python. The script is deterministic: it
changes the file only where the inputs or the libraries change. null means that the quantity isn't defined; that is
decided here on exact fractions of the inputs, never by the size of a rounded result.
"""
import json
import math
import pathlib
import warnings
from fractions import Fraction

import numpy as np
import pandas as pd
import scipy
import statsmodels.api
import statsmodels.formula.api as smf
from scipy import stats
from statsmodels.stats.anova import anova_lm
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint

import bounded
import planning
import resampling

OUTPUT = pathlib.Path(__file__).parents[1] / "ArcKitTests" / "Fixtures" / "statistics.json"
random = np.random.default_rng(20260301)


def exact(values):
    return [Fraction(repr(float(value))) for value in values]


def exact_mean(values):
    return sum(exact(values)) / len(values)


def estimate(value=None, se=None, interval=None):
    low, high = interval if interval is not None else (None, None)
    return {"value": value, "se": se, "low": low, "high": high}


# Means

def mean_of_units(units, confidence):
    """Independent units: scipy's standard error of the mean and t interval."""
    if len(units) == 0:
        return estimate()
    mean = float(exact_mean(units))
    if len(units) < 2 or len(set(exact(units))) == 1:
        return estimate(mean)
    se = float(stats.sem(units))
    return estimate(mean, se, [float(x) for x in stats.t.interval(confidence, len(units) - 1, mean, se)])


def mean_by_trials(scenarios, confidence):
    """The intercept of a least-squares fit with statsmodels' cluster-robust covariance."""
    values = np.concatenate([np.array(s, float) for s in scenarios]) if scenarios else np.array([])
    if len(values) == 0:
        return estimate()
    mean = float(exact_mean(values))
    if len({exact_mean(s) for s in scenarios}) < 2:
        return estimate(mean)
    groups = np.repeat(np.arange(len(scenarios)), [len(s) for s in scenarios])
    fit = statsmodels.api.OLS(values - mean, np.ones(len(values))).fit(
        cov_type="cluster", cov_kwds={"groups": groups, "df_correction": True}, use_t=True)
    low, high = fit.conf_int(1 - confidence)[0]
    return estimate(mean, float(fit.bse[0]), [mean + float(low), mean + float(high)])


def mean_by_scenarios(scenarios, confidence):
    means = [exact_mean(s) for s in scenarios]
    if not means:
        return estimate()
    mean = float(sum(means) / len(means))
    if len(set(means)) < 2:
        return estimate(mean)
    # Centred before rounding, so that a large offset costs no digits.
    centred = [float(m - sum(means) / len(means)) for m in means]
    se = float(stats.sem(centred))
    return estimate(mean, se, [float(x) for x in stats.t.interval(confidence, len(means) - 1, mean, se)])


def intraclass(scenarios):
    """(MSB − MSW) / (MSB + (n0 − 1) MSW) from the mean squares of statsmodels' analysis of variance."""
    sizes = [len(s) for s in scenarios]
    values = [value for s in scenarios for value in s]
    if len(sizes) < 2 or sum(sizes) <= len(sizes) or len(set(exact(values))) == 1:
        return None
    offset = float(exact_mean(values))
    frame = pd.DataFrame({
        "x": [value - offset for value in values],
        "g": [index for index, s in enumerate(scenarios) for _ in s]})
    table = anova_lm(smf.ols("x ~ C(g)", frame).fit())
    between, within = table["mean_sq"]["C(g)"], table["mean_sq"]["Residual"]
    if len({exact_mean(s) for s in scenarios}) == 1:
        between = 0.0
    if all(len(set(exact(s))) == 1 for s in scenarios):
        within = 0.0
    n = sum(sizes)
    typical = (n - sum(size * size for size in sizes) / n) / (len(sizes) - 1)
    return float((between - within) / (between + (typical - 1) * within))


def scenarios_of_scores(count, trials, kind, unbalanced):
    scenarios = []
    for _ in range(count):
        size = int(random.integers(1, trials + 1)) if unbalanced else trials
        ability = random.beta(1.2, 0.8)
        if kind == "binary":
            values = (random.random(size) < ability).astype(int).tolist()
        elif kind == "score":
            values = np.clip(ability + random.normal(0, 0.15, size), 0, 1).round(3).tolist()
        elif kind == "latency":
            values = (np.exp(random.normal(8 + ability, 0.4, size))).round(1).tolist()
        elif kind == "offset":
            values = (1e6 + ability + random.normal(0, 0.2, size)).round(3).tolist()
        else:
            values = (1e-9 * random.normal(ability, 1, size)).tolist()
        scenarios.append(values)
    return scenarios


def means():
    inputs = [
        [], [[]], [[0.5]], [[0]], [[1], []], [[0, 1]], [[0.3, 0.3]], [[0], [1]], [[1, 0], [0, 1]], [[0.1] * 3] * 7,
        [[0.7] * 4] * 50, [[1] * 4] * 50, [[0] * 4] * 3, [[0.1, 0.2, 0.3], [0.2, 0.2, 0.2], [0.3, 0.2, 0.1]],
        [[0], [0], [0], [1]], [[1], [1, 1, 1, 1, 1, 0]], [[-2.5, 2.5], [-1]],
        [[0.1 + 0.2], [0.3]], [[1e12, 1e12 + 1], [1e12 + 2]],
    ]
    inputs += [[[0.1], [0.2], [0.30000000000000004]], [[0, 0, 1], [1, 1, 1], [0, 0, 0], [1, 0]]]
    for index in range(230):
        inputs.append(scenarios_of_scores(
            count=int(random.choice([2, 3, 5, 12, 30])), trials=int(random.choice([1, 2, 3, 4, 8])),
            kind=["binary", "score", "latency", "offset", "tiny"][index % 5], unbalanced=index % 2 == 1))
    cases = []
    for index, scenarios in enumerate(inputs):
        confidence = [0.95, 0.95, 0.9, 0.99][index % 4]
        used = [s for s in scenarios if len(s) > 0]
        # A spread of one rounding step is not a spread: ArcKit's rule, so no oracle for that input.
        rounding = scenarios == [[0.1 + 0.2], [0.3]]
        cases.append({
            "byScenario": scenarios, "confidence": confidence,
            "naive": estimate(0.3) if rounding else mean_of_units([v for s in used for v in s], confidence),
            "trials": estimate(0.3) if rounding else mean_by_trials(used, confidence),
            "scenarios": estimate(0.3) if rounding else mean_by_scenarios(used, confidence),
            "intraclass": intraclass(used)})
    return cases


# Proportions, pass rates, quantiles

def proportion(successes, n, confidence):
    case = {"successes": successes, "n": n, "confidence": confidence}
    for name, method in [("wilson", "wilson"), ("clopperPearson", "beta"), ("jeffreys", "jeffreys")]:
        low, high = (float(x) for x in proportion_confint(successes, n, 1 - confidence, method=method))
        # statsmodels leaves rounding at the ends of Wilson's interval, and Brown, Cai & DasGupta close Jeffreys'.
        case[name] = [0.0 if successes == 0 else low, 1.0 if successes == n else high]
    return case


def proportions():
    cases = [proportion(k, n, 0.95) for n in [1, 2, 3, 10] for k in range(n + 1)]
    cases += [proportion(84, 200, 0.95), proportion(1, 100_000, 0.95), proportion(999_999, 1_000_000, 0.99)]
    for _ in range(150):
        n = int(10 ** random.uniform(0, 4.5))
        cases.append(proportion(int(random.integers(0, n + 1)), n, float(random.choice([0.8, 0.9, 0.95, 0.99]))))
    return cases


def pass_rate(k, counts, confidence):
    """Binomial coefficients as exact integers; standard error and interval of the scenarios' values by scipy."""
    used = [(passes, trials) for passes, trials in counts if trials >= k]
    at = [1 - Fraction(math.comb(n - c, k), math.comb(n, k)) for c, n in used]
    hat = [Fraction(math.comb(c, k), math.comb(n, k)) for c, n in used]
    return {
        "k": k, "counts": counts, "confidence": confidence, "leftOut": len(counts) - len(used),
        "at": mean_of_rates(at, confidence), "hat": mean_of_rates(hat, confidence)}


def mean_of_rates(rates, confidence):
    if not rates:
        return estimate()
    mean = sum(rates) / len(rates)
    if len(set(rates)) == 1:
        if mean not in (0, 1):
            return estimate(float(mean))
        low, high = proportion(int(mean) * len(rates), len(rates), confidence)["clopperPearson"]
        return estimate(float(mean), None, [low, high])
    se = float(stats.sem([float(rate) for rate in rates]))
    # As if each were a yes or no.
    mean, rates = float(mean), [float(rate) for rate in rates]
    interval = bounded.interval_of_rates(rates, mean, se, mean * (1 - mean), len(rates), confidence, is_binary=True)
    return estimate(float(mean), se, interval)


def pass_rates():
    inputs = [
        (1, []), (1, [(0, 0)]), (3, [(1, 2)]), (1, [(1, 1)]), (2, [(0, 4)] * 9), (2, [(4, 4)] * 9), (2, [(2, 4)] * 9),
        (5, [(3, 5), (5, 5), (2, 4)]), (40, [(20, 100), (60, 60), (1, 50), (0, 40)]), (2, [(1, 2), (2, 2), (1, 1)]),
        (1, [(2, 4), (1, 2), (3, 6)]),
    ]
    for _ in range(160):
        scenarios = int(random.choice([1, 2, 5, 20, 50]))
        most = int(random.choice([1, 2, 4, 10, 30]))
        fixed = random.random() < 0.5
        counts = []
        for _ in range(scenarios):
            trials = most if fixed else int(random.integers(0, most + 1))
            counts.append((int(random.binomial(trials, random.beta(0.6, 0.6))), trials))
        inputs.append((int(random.integers(1, most + 1)), counts))
    return [pass_rate(k, counts, [0.95, 0.9][index % 2]) for index, (k, counts) in enumerate(inputs)]


def quantiles():
    samples = [[1, 2, 3, 4], [5], [2, 2, 2], [3, 1, 2], [0, 0, 1e6]]
    samples += [random.lognormal(1, 1, int(n)).round(4).tolist() for n in random.integers(1, 60, 60)]
    cases = [{"values": s, "p": p, "value": float(np.quantile(s, p))}
             for s in samples[:5] for p in [0, 0.25, 0.5, 0.95, 1]]
    cases += [{"values": s, "p": p, "value": float(np.quantile(s, p))}
              for s in samples[5:] for p in [float(random.choice([0.05, 0.5, 0.95, 0.99]))]]
    return cases + [{"values": [], "p": 0.5, "value": None}, {"values": [1, 2], "p": 1.5, "value": None}]


# Pairs

def mcnemar_tables():
    tables = [(14, 7, 7, 22), (0, 5, 0, 0), (3, 1, 8, 2), (0, 10, 3, 0), (9, 0, 0, 9), (0, 0, 0, 0), (1, 900, 1000, 1)]
    tables += [tuple(int(x) for x in random.integers(0, 40, 4)) for _ in range(60)]
    return [{"table": t, "p": min(1.0, float(mcnemar([[t[0], t[1]], [t[2], t[3]]], exact=True).pvalue))
             if t[1] + t[2] else 1.0} for t in tables]


def pairing(a, b, confidence):
    pairs = [(exact_mean(a[s]), exact_mean(b[s])) for s in sorted(a) if s in b and a[s] and b[s]]
    differences = [second - first for first, second in pairs]
    case = {"a": a, "b": b, "confidence": confidence, "matched": len(pairs), "p": None, "unpaired": None,
            "difference": estimate()}
    if pairs:
        case["difference"] = estimate(float(sum(differences) / len(differences)))
    sides = [[float(x) for x in side] for side in zip(*pairs)]
    if len(pairs) >= 2 and any(len(set(side)) > 1 for side in sides):
        case["unpaired"] = math.hypot(stats.sem(sides[0]), stats.sem(sides[1]))
    if len(set(differences)) > 1:
        test = stats.ttest_1samp([float(d) for d in differences], 0)
        interval = test.confidence_interval(confidence)
        case["p"] = float(test.pvalue)
        case["difference"] = estimate(
            case["difference"]["value"], float(stats.sem([float(d) for d in differences])),
            [float(interval.low), float(interval.high)])
    return case


def pairings():
    cases = [
        pairing({}, {}, 0.95), pairing({"x": [1]}, {"y": [1]}, 0.95), pairing({"x": [0.5, 1]}, {"x": [1]}, 0.95),
        pairing({"x": [0.1], "y": [0.2]}, {"x": [0.2], "y": [0.3]}, 0.95),
        pairing({"x": [0.3], "y": [0.7]}, {"x": [0.1, 0.5], "y": [0.7]}, 0.95),
        pairing({"x": [0], "y": []}, {"x": [1], "y": [1]}, 0.95),
    ]
    for index in range(80):
        count = int(random.choice([2, 3, 8, 40]))
        values = [scenarios_of_scores(count, 3, ["binary", "score"][index % 2], unbalanced=True) for _ in range(2)]
        a, b = ({f"s{i:02}": v for i, v in enumerate(side) if random.random() < 0.9} for side in values)
        cases.append(pairing(a, b, [0.95, 0.9][index % 2]))
    return cases


# Distributions

def distributions():
    cases = []

    def add(name, function, *arguments):
        value = float(function(*arguments))
        # Of the noncentral t distribution, Boost has twelve digits after the point and no more.
        least = 1e-9 if name.startswith("noncentral") else 1e-290
        if value > least or value < 0 or value == 0.5:
            cases.append({"function": name, "arguments": list(arguments), "value": value})

    for x in [-35, -8, -1.96, -0.1, 0.3, 1, 2.5, 6, 20]:
        add("normal", stats.norm.cdf, x)
        add("normalTail", stats.norm.sf, x)
        for df in [1, 2, 3.5, 49, 1000]:
            add("studentT", stats.t.cdf, x, df)
            add("studentTTail", stats.t.sf, x, df)
    for p in [1e-12, 0.001, 0.025, 0.4, 0.6, 0.975, 0.9995]:
        add("normalQuantile", stats.norm.ppf, p)
        for df in [1, 2, 3.5, 49, 1000]:
            add("studentTQuantile", stats.t.ppf, p, df)
        for a, b in [(0.5, 0.5), (1, 7), (84, 117), (0.5, 300.5), (3000, 2)]:
            add("betaQuantile", stats.beta.ppf, p, a, b)
            add("beta", stats.beta.cdf, p, a, b)
    for delta in [0, 0.5, 2.8, 8]:
        for df in [1, 3.5, 49, 1000]:
            for x in [-2, 0.3, 1.96, 5]:
                add("noncentralT", stats.nct.cdf, x, df, delta)
                add("noncentralTTail", stats.nct.sf, x, df, delta)
    for n in [1, 5, 40, 1000]:
        for k in sorted({0, n // 3, n - 1}):
            for p in [0.01, 0.3, 0.5, 0.9]:
                add("binomial", stats.binom.cdf, k, n, p)
                add("binomialTail", stats.binom.sf, k, n, p)
    return cases


def lines(name, cases):
    rows = ",\n".join("    " + json.dumps(case, separators=(",", ":"), allow_nan=False) for case in cases)
    return f'  "{name}": [\n{rows}\n  ]'


def main():
    warnings.simplefilter("ignore")
    versions = {"scipy": scipy.__version__, "statsmodels": statsmodels.__version__}
    parts = {
        "means": means(), "proportions": proportions(), "passRates": pass_rates(), "quantiles": quantiles(),
        "mcnemar": mcnemar_tables(), "pairings": pairings(), "distributions": distributions()}
    parts |= resampling.parts() | planning.parts() | bounded.parts()
    body = ",\n".join(lines(name, cases) for name, cases in parts.items())
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(f'{{\n  "versions": {json.dumps(versions)},\n{body}\n}}\n', encoding="utf-8")
    print(OUTPUT, {name: len(cases) for name, cases in parts.items()})


if __name__ == "__main__":
    main()
