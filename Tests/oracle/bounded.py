"""Means of values that have bounds, near them: Korn's and Graubard's interval by its design effect."""
import math

import numpy as np
from scipy import stats

random = np.random.default_rng(20260305)


def clopper_pearson(passed, trials, confidence):
    tail = (1 - confidence) / 2
    low = 0.0 if passed <= 0 else float(stats.beta.ppf(tail, passed, trials - passed + 1))
    high = 1.0 if passed >= trials else float(stats.beta.isf(tail, passed + 1, trials - passed))
    return [low, high]


def near_bound(share, means, se, variance, n, confidence, is_binary):
    """n independent values of this variance are worth p(1 − p)/variance of yes and no each; a design effect lowers that."""
    df = len(means) - 1
    tail = (1 - confidence) / 2
    effect = max(1.0, se ** 2 / (variance / n))
    trials = n * (share * (1 - share) / variance) / effect
    if is_binary:  # With a twentieth of a scenario at the other bound.
        weights = np.array([1.0] * len(means) + [0.05])
        values = np.array(means + [0.0 if share > 0.5 else 1.0])
        mean = np.average(values, weights=weights)
        spread = float(np.sum(weights * (values - mean) ** 2)) / (weights.sum() - 1)
        trials = min(trials, float(mean * (1 - mean) / spread) * len(means))
    trials *= (stats.norm.isf(tail) / stats.t.isf(tail, df)) ** 2
    return clopper_pearson(share * trials, trials, confidence)


def interval_of_rates(means, mean, se, variance, n, confidence, is_binary=False):
    """Student's or, within four standard errors of 0 or 1, Korn's and Graubard's."""
    if min(mean, 1 - mean) >= 4 * se:
        low, high = stats.t.interval(confidence, len(means) - 1, mean, se)
        return [max(float(low), 0.0), min(float(high), 1.0)]
    return near_bound(mean, means, se, variance, n, confidence, is_binary)


def scenarios(kind, count, trials):
    made = []
    for _ in range(count):
        ability = random.beta(4, 1)
        size = int(random.integers(1, trials + 1)) if kind % 2 else trials
        if kind % 4 < 2:
            made.append((random.random(size) < ability).astype(float).tolist())
        else:
            made.append(np.clip(ability + random.normal(0, 0.1, size), 0, 1).round(3).tolist())
    return made


def bounded_means():
    """Each scenario counts once: single values' variance is the mean of the scenarios' own around the common mean."""
    cases = []
    for index in range(160):
        values = scenarios(index, int(random.choice([2, 3, 5, 12, 40])), int(random.choice([1, 2, 4, 10])))
        confidence = [0.95, 0.9][index % 2]
        means = [float(np.mean(s)) for s in values]
        mean, interval = float(np.mean(means)), None
        if len({x for s in values for x in s}) == 1 and mean in (0, 1):
            interval = clopper_pearson(int(mean) * len(values), len(values), confidence)
        elif max(means) - min(means) > 1e-12:
            variance = float(np.mean([np.mean((np.array(s) - mean) ** 2) for s in values]))
            n = sum(len(s) for s in values)
            is_binary = all(x in (0, 1) for s in values for x in s)
            interval = interval_of_rates(means, mean, float(stats.sem(means)), variance, n, confidence, is_binary)
        # Just at the edge of four standard errors rounding decides.
        se = float(stats.sem(means)) if len(means) > 1 else math.nan
        if not (se > 0 and abs(min(mean, 1 - mean) - 4 * se) < 1e-9):
            cases.append({"byScenario": values, "confidence": confidence, "interval": interval})
    return cases


def parts():
    return {"boundedMeans": bounded_means()}
