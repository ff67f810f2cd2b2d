"""Permutations, bootstraps, corrections for several questions, differences of proportions, quantiles' intervals."""
import math
from fractions import Fraction

import numpy as np
import statsmodels.api
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_effectsize

import splitmix

random = np.random.default_rng(20260302)
ALTERNATIVES = {"two-sided": "two_sided", "less": "less", "greater": "greater"}


def optional(value):
    return float(value) if math.isfinite(value) else None


# Sign flips

def exact_sign_flip(values):
    """All three p-values by scipy, which goes through every choice of signs, of two values or more: a 0 counts
    nothing."""
    def total(x, axis):
        return np.sum(x, axis=axis)
    return {ours: float(stats.permutation_test(
        (np.array([*values, 0], float),), total, permutation_type="samples", n_resamples=np.inf, vectorized=True,
        alternative=theirs).pvalue) for theirs, ours in ALTERNATIVES.items()}


def counted_sign_flip(steps):
    """The same of whole numbers, counted with exact integers, so that any number of them can be had."""
    ways = {0: 1}
    for step in steps:
        following = {}
        for total, count in ways.items():
            for signed in (step, -step):
                following[total + signed] = following.get(total + signed, 0) + count
        ways = following
    observed, all_ways = sum(steps), 2 ** len(steps)

    def share(holds):
        return float(Fraction(sum(count for total, count in ways.items() if holds(total)), all_ways))
    return {"two_sided": share(lambda t: abs(t) >= abs(observed)), "less": share(lambda t: t <= observed),
            "greater": share(lambda t: t >= observed)}


def sign_flips():
    samples = [[0.1, -0.2, 0.3, 0.4, 0.05, -0.1, 0.2], [0], [0, 0, 0], [1], [-1], [0.5, -0.5], [0.25] * 6,
               [-0.3, -0.3, -0.3, 0.1], [1e-9, 2e-9, -4e-9], [1e6, 1e6 + 1, -3]]
    for index in range(260):
        size = int(random.integers(1, 12))
        samples.append({
            0: lambda: random.normal(0.3, 1, size).round(6).tolist(),
            1: lambda: (random.integers(-4, 5, size) / 4).tolist(),
            2: lambda: (random.integers(-10, 12, size) / 10).tolist(),
            3: lambda: (random.normal(-20, 300, size).round(1)).tolist(),
        }[index % 4]())
    cases = [{"values": s, "p": exact_sign_flip(s)} for s in samples]
    for index in range(80):
        denominator = int(random.choice([1, 2, 4, 3, 12, 10]))
        steps = [int(x) for x in random.integers(-denominator, denominator + 1 + index % 2,
                                                 int(random.choice([20, 33, 50, 150])))]
        cases.append({"values": [step / denominator for step in steps], "p": counted_sign_flip(steps)})
    for size in [14, 17, 18]:
        values = random.normal(0.2, 1, size).round(5).tolist()
        cases.append({"values": values, "p": exact_sign_flip(values)})
    return cases


# Bootstraps

def weighted_mean(scenarios, weighting):
    """Units to draw in ArcKit's order, and the mean of units as a function of their indexes."""
    means = np.array([np.mean(s) for s in scenarios])
    weights = np.array([1.0 if weighting == "scenarios" else len(s) for s in scenarios])
    center = float(np.sum(means * weights) / np.sum(weights))
    order = np.lexsort((weights, (means - center) * weights))
    return means[order], weights[order], center


def bca(scenarios, weighting, confidence, resamples, seed):
    means, weights, _ = weighted_mean(scenarios, weighting)
    indexes = np.arange(len(means))

    def statistic(drawn, axis):
        drawn = drawn.astype(int)
        # Rounded, so that what is equal but for the order of its sum is equal.
        return np.round(np.sum(means[drawn] * weights[drawn], axis=axis) / np.sum(weights[drawn], axis=axis), 11)
    found = stats.bootstrap((indexes,), statistic, n_resamples=resamples, confidence_level=confidence, method="BCa",
                            vectorized=True, rng=splitmix.Generator(seed))
    return [optional(found.standard_error), optional(found.confidence_interval.low),
            optional(found.confidence_interval.high)]


def studentised(scenarios, weighting, confidence, resamples, seed):
    means, weights, center = weighted_mean(scenarios, weighting)

    def mean_and_error(index):
        x, w = means[index], weights[index]
        mean = np.sum(w * x) / np.sum(w)
        residuals = w * (x - mean)
        return mean, math.sqrt(len(x) / (len(x) - 1) * np.sum(residuals ** 2)) / np.sum(w)
    _, own = mean_and_error(np.arange(len(means)))
    ratios = []
    for index in splitmix.resamples(seed, resamples, len(means)):
        mean, error = mean_and_error(index)
        if len(set(index)) == 1 or len(set(means[index])) == 1:
            ratios.append(math.copysign(math.inf, mean - center) if abs(mean - center) > 1e-12 else 0.0)
        else:
            ratios.append((mean - center) / error)
    ratios = np.sort(ratios)
    tail = (1 - confidence) / 2
    ends = []
    for share in (1 - tail, tail):
        place = share * (len(ratios) - 1)
        below = ratios[math.floor(place)]
        above = ratios[math.ceil(place)]
        ratio = below if below == above else below + (above - below) * (place - math.floor(place))
        ends.append(center - ratio * own)
    return [optional(own)] + (ends if all(math.isfinite(end) for end in ends) else [None, None])


def bootstraps():
    cases = []
    for index in range(140):
        size = int(random.choice([2, 3, 5, 10, 25, 40]))
        kind = index % 3
        scenarios = []
        for _ in range(size):
            trials = [1, 1, int(random.integers(1, 5))][kind]
            # Dyadic, so that means that are equal are equal in floating point.
            scenarios.append((random.integers(-40, 60, trials) / 16).tolist() if kind < 2 else
                             random.normal(1, 1, trials).round(4).tolist())
        if len({float(np.mean(s)) for s in scenarios}) < 2:
            continue
        weighting = "trials" if kind == 2 and index % 2 else "scenarios"
        confidence, resamples, seed = [0.95, 0.9, 0.8][index % 3], 399, 1 + index
        cases.append({
            "byScenario": scenarios, "weighting": weighting, "confidence": confidence, "resamples": resamples,
            "seed": seed, "bca": bca(scenarios, weighting, confidence, resamples, seed),
            "studentised": studentised(scenarios, weighting, confidence, resamples, seed)})
    return cases


# Several questions at once

def multiplicity():
    samples = [[], [None], [0.01, 0.04, 0.03, 0.005], [0.5], [1, 1, 1], [0, 0, 1], [None, 0.02, None, 0.02]]
    for _ in range(150):
        size = int(random.integers(1, 15))
        values = np.where(random.random(size) < 0.5, random.random(size), random.beta(0.3, 8, size)).round(6).tolist()
        samples.append([None if random.random() < 0.1 else value for value in values])
    cases = []
    for values in samples:
        known = [value for value in values if value is not None]
        case = {"values": values}
        for ours, theirs in [("holm", "holm"), ("benjaminiHochberg", "fdr_bh")]:
            corrected = iter(multipletests(known, method=theirs)[1] if known else [])
            case[ours] = [None if value is None else float(next(corrected)) for value in values]
        cases.append(case)
    return cases


# Two proportions

def differences_of_proportions():
    pairs = [((0, 10), (0, 10)), ((10, 10), (0, 10)), ((0, 1), (1, 1)), ((56, 70), (48, 80)), ((5, 56), (0, 29))]
    for _ in range(300):
        sizes = [int(10 ** random.uniform(0, 3.5)) for _ in range(2)]
        pairs.append(tuple((int(random.integers(0, n + 1)), n) for n in sizes))
    cases = []
    for index, (a, b) in enumerate(pairs):
        confidence = [0.95, 0.9, 0.99][index % 3]
        low, high = confint_proportions_2indep(b[0], b[1], a[0], a[1], method="newcomb", compare="diff",
                                               alpha=1 - confidence)
        cases.append({"a": a, "b": b, "confidence": confidence, "value": b[0] / b[1] - a[0] / a[1],
                      "interval": [float(low), float(high)],
                      "h": float(proportion_effectsize(b[0] / b[1], a[0] / a[1]))})
    return cases


def effect_sizes():
    samples = [[], [1], [2, 2], [0, 1], [-1, 1], [0.1, 0.1, 0.1]]
    samples += [random.normal(0.2, 1, int(random.integers(2, 20))).round(5).tolist() for _ in range(60)]
    return [{"values": s, "dz": None if len(set(s)) < 2 else float(np.mean(s) / np.std(s, ddof=1))} for s in samples]


# Beta posteriors

def posteriors():
    cases = []
    for index in range(170):
        n = 1 if index < 2 else int(10 ** random.uniform(0, 4))
        successes = [0, n, int(random.integers(0, n + 1))][min(index % 6, 2)]
        prior = [[1, 1], [0.5, 0.5], [2, 5], [0.1, 30]][index % 4]
        confidence = [0.95, 0.8, 0.99][index % 3]
        posterior = stats.beta(successes + prior[0], n - successes + prior[1])
        cases.append({"successes": successes, "n": n, "prior": prior, "confidence": confidence, "figure": {
            "value": float(posterior.mean()), "se": float(posterior.std()),
            "low": float(posterior.ppf((1 - confidence) / 2)), "high": float(posterior.isf((1 - confidence) / 2))}})
    return cases


# Intervals of quantiles

def quantile_intervals():
    cases = []
    for index in range(220):
        size = int(random.choice([1, 2, 5, 8, 20, 60, 90]))
        values = (random.integers(0, 12, size) if index % 3 == 0 else random.lognormal(1, 1, size).round(4)).tolist()
        p = float(random.choice([0.05, 0.25, 0.5, 0.9, 0.95]))
        confidence = [0.95, 0.9, 0.8][index % 3]
        found = stats.quantile_test(values, p=p, alternative="two-sided").confidence_interval(confidence)
        ends = [optional(found.low), optional(found.high)]
        cases.append({"values": values, "p": p, "confidence": confidence,
                      "interval": None if None in ends else ends})
    return cases


def woodruff():
    """The share of trials up to the quantile with statsmodels' cluster-robust interval, turned back by numpy."""
    cases = []
    for index in range(80):
        size = int(random.choice([2, 5, 12, 40]))
        scenarios = []
        for _ in range(size):
            center = random.normal(0, 1)
            scenarios.append((center + random.normal(0, 1, int(random.integers(1, 5)))).round(4).tolist())
        p = float(random.choice([0.25, 0.5, 0.9]))
        confidence = [0.95, 0.9][index % 2]
        pooled = np.concatenate(scenarios)
        quantile = float(np.quantile(pooled, p))
        below = (pooled <= quantile).astype(float)
        groups = np.repeat(np.arange(size), [len(s) for s in scenarios])
        interval = None
        shares = {Fraction(int(sum(below[groups == g])), len(s)) for g, s in enumerate(scenarios)}
        if len(shares) > 1:
            fit = statsmodels.api.OLS(below - below.mean(), np.ones(len(below))).fit(
                cov_type="cluster", cov_kwds={"groups": groups, "df_correction": True}, use_t=True)
            low, high = (p + float(x) for x in fit.conf_int(1 - confidence)[0])
            if low > 0 and high < 1:
                interval = [float(np.quantile(pooled, low)), float(np.quantile(pooled, high))]
        cases.append({"byScenario": scenarios, "p": p, "confidence": confidence, "value": quantile,
                      "interval": interval})
    return cases


def parts():
    return {
        "signFlips": sign_flips(), "bootstraps": bootstraps(), "multiplicity": multiplicity(),
        "differencesOfProportions": differences_of_proportions(), "effectSizes": effect_sizes(),
        "posteriors": posteriors(), "quantileIntervals": quantile_intervals(), "woodruff": woodruff()}
