"""Power and sample sizes, flakiness, control charts and change points."""
import itertools
import math

import numpy as np
from scipy import optimize, stats
from statsmodels.stats.power import NormalIndPower, TTestPower

random = np.random.default_rng(20260303)


# Power

def t_power(shift, df, alpha, sides):
    """The probability that a t statistic whose mean is off by `shift` standard errors is beyond the bound."""
    if sides == 1:
        return float(stats.nct.sf(stats.t.isf(alpha, df), df, shift))
    bound = stats.t.isf(alpha / 2, df)
    # Where the other side's share is too small for scipy to tell, it is too small to matter.
    return float(stats.nct.sf(bound, df, shift) + np.nan_to_num(stats.nct.cdf(-bound, df, shift)))


def powers():
    cases = []
    for index in range(150):
        n = int(random.choice([2, 3, 5, 12, 50, 200, 1000]))
        alpha, sides = [0.05, 0.01, 0.1][index % 3], [2, 1][index % 2]
        power = float(random.choice([0.8, 0.9, 0.5]))
        size = round(random.uniform(0.05, 1), 3)
        solver = TTestPower()
        alternative = "two-sided" if sides == 2 else "larger"
        shift = optimize.brentq(lambda x: t_power(x, n - 1, alpha, sides) - power, 0, 500, xtol=1e-13, rtol=1e-14)
        needed = optimize.brentq(
            lambda x: t_power(size * math.sqrt(x), x - 1, alpha, sides) - power, 2, 1e6, xtol=1e-9, rtol=1e-13
        ) if t_power(size * math.sqrt(2), 1, alpha, sides) < power else 2
        achieved = float(solver.power(size, n, alpha, alternative=alternative))
        cases.append({
            "n": n, "alpha": alpha, "sides": sides, "power": power, "size": size,
            "achieved": achieved if math.isfinite(achieved) else t_power(size * math.sqrt(n), n - 1, alpha, sides),
            "shift": float(shift), "pairs": float(needed),
            "perArm": float(NormalIndPower().solve_power(size, power=power, alpha=alpha, alternative=alternative))})
    return cases


def designs():
    """The variance within scenarios pooled, and what the differences vary beyond it."""
    cases = []
    for index in range(70):
        count = int(random.choice([2, 3, 8, 30]))
        sides = []
        ability = random.beta(1, 1, count)
        for _ in range(2):
            trials = [4] * count if index % 2 else random.integers(1, 5, count)
            sides.append([(random.random(int(t)) < a).astype(float).tolist() for a, t in zip(ability, trials)])
        repeated = [[s for s in side if len(s) > 1] for side in sides]
        design = None
        if all(repeated):
            within = [sum(np.var(s) * len(s) for s in side) / sum(len(s) - 1 for s in side) for side in repeated]
            differences = [np.mean(b) - np.mean(a) for a, b in zip(*sides)]
            explained = np.mean([within[0] / len(a) + within[1] / len(b) for a, b in zip(*sides)])
            between = max(float(np.var(differences, ddof=1) - explained), 0.0)
            design = [between, float(within[0]), float(within[1])]
        cases.append({"a": sides[0], "b": sides[1], "design": design})
    return cases


# Flakiness

def flakiness():
    counts = [(c, n) for n in range(0, 7) for c in range(n + 1)]
    for _ in range(120):
        n = int(10 ** random.uniform(0.5, 3.3))
        counts.append((int(random.choice([0, n, random.binomial(n, random.beta(0.5, 0.5))])), n))
    cases = []
    for index, (c, n) in enumerate(counts):
        confidence = [0.95, 0.8][index % 2]
        case = {"passes": c, "trials": n, "confidence": confidence, "value": None, "interval": None}
        if n >= 2:
            case["value"] = min(1 - (math.comb(c, 2) + math.comb(n - c, 2)) / math.comb(n, 2), 0.5)
            posterior = stats.beta(c + 0.5, n - c + 0.5)

            def share(x):
                ends = (1 - math.sqrt(max(1 - 2 * x, 0))) / 2
                return posterior.cdf(ends) + posterior.sf(1 - ends)
            case["interval"] = [
                0.0 if tail < 0.5 and c in (0, n)
                else float(optimize.brentq(lambda x: share(x) - tail, 0, 0.5, xtol=1e-16, rtol=1e-14))
                for tail in ((1 - confidence) / 2, (1 + confidence) / 2)]
            # The interval is closed at the value where that is as large as it can be.
            case["interval"] = [min(case["interval"][0], case["value"]), max(case["interval"][1], case["value"])]
        cases.append(case)
    return cases


# Series

def series(length, kind):
    values = random.normal(0.7, 0.05, length)
    if kind % 3 == 1:
        values[length // 2:] -= 0.15
    if kind % 3 == 2:
        values[length // 3:] += 0.1
        values[2 * length // 3:] -= 0.3
    values = [round(float(value), 4) for value in values]
    if kind % 2:
        values = [None if random.random() < 0.1 else value for value in values]
    return values


def moving_range(values):
    distances = [abs(b - a) for a, b in zip(values, values[1:])]
    return float(np.mean(distances)) * math.sqrt(math.pi) / 2


def ewmas():
    """Without a target and, by turns, with one."""
    cases = []
    for index in range(60):
        values = series(int(random.choice([2, 5, 20, 40])), index)
        known = [value for value in values if value is not None]
        if len(set(known)) < 2:
            continue
        weight, width = [0.2, 0.3, 1.0][index % 3], [2.86, 3.0][index % 2]
        errors = [round(random.uniform(0.01, 0.1), 3) for _ in values] if index % 4 == 3 else None
        center = 0.68 if index % 5 == 4 else None
        deviation = moving_range(known)
        own = errors or [deviation] * len(values)
        points = chart(values, own, center, weight, [width] * len(values), [3.5] * len(values))
        cases.append({"values": values, "standardErrors": errors, "lambda": weight, "width": width, "center": center,
                      "points": points})
    return cases


def chart(values, errors, target, weight, widths, jumps):
    """The average and its center as weighted sums of all values so far, and the variance of their difference as that of
    the sum; without a target the center is the mean of the values before, by their precision."""
    points = []
    for step in range(len(values)):
        used = [place for place in range(step + 1) if values[place] is not None]
        if not used or values[step] is None or (target is None and len(used) == 1):
            last = points[-1][:4] if points else [None] * 4
            points.append((last if values[step] is None else [values[step], None, None, None]) + [0, 0])
            continue
        x = np.array([values[place] for place in used])
        deviations = np.array([errors[place] for place in used])
        shares = np.array([weight * (1 - weight) ** (len(used) - 1 - rank) for rank in range(len(used))])
        before = np.zeros(len(used))
        if target is None:
            before[:-1] = deviations[:-1] ** -2.0
            before /= before.sum()
        center = float(before @ x) if target is None else target
        average = float(shares @ x) + (1 - shares.sum()) * center
        off = float(np.sqrt(np.sum(((shares - shares.sum() * before) * deviations) ** 2)))
        alone = float(np.sqrt(deviations[-1] ** 2 + np.sum((before * deviations) ** 2)))
        reach = widths[step] * off
        points.append([average, center, center - reach, center + reach, int(abs(average - center) > reach),
                       int(abs(values[step] - center) > jumps[step] * alone)])
    return points


def as_improbable(deviations, df):
    return float(stats.t.isf(stats.norm.sf(deviations), df))


def group_charts():
    """Charts of means whose units' variance is pooled over the groups so far."""
    cases = []
    for index in range(60):
        length = int(random.choice([2, 3, 5, 12, 20]))
        units = [int(random.choice([1, 2, 5, 20])) for _ in range(length)]
        level = np.full(length, 0.8)
        if index % 3 == 1:
            level[-1] = 0.3
        samples = [random.normal(level[step], 0.15, units[step]) for step in range(length)]
        if index % 5 == 0:  # All units agree.
            samples = [np.full(len(sample), [0.8, 0.8, 0.6][step % 3]) for step, sample in enumerate(samples)]
        if not any(count > 1 for count in units):
            continue
        groups = [[float(np.mean(sample)), len(sample), float(np.var(sample, ddof=1)) if len(sample) > 1 else 0.0]
                  for sample in samples]
        if index % 5 == 0:
            groups = [[mean, count, 0.0] for mean, count, _ in groups]
        # Each step has a deviation of its own, so each is the end of a chart of its own.
        points = []
        for step in range(length):
            so_far = samples[:step + 1]
            df = sum(len(sample) - 1 for sample in so_far)
            within = sum(float(np.sum((sample - sample.mean()) ** 2)) for sample in so_far)
            if within < 1e-20:
                pool, df = np.concatenate(so_far), sum(len(sample) for sample in so_far) - 1
                within = float(np.sum((pool - pool.mean()) ** 2))
            known = any(len(sample) > 1 for sample in so_far) and within > 1e-20
            deviation = math.sqrt(within / df) if known else 1.0
            errors = [deviation / math.sqrt(count) for count in units[:step + 1]]
            width, jump = (as_improbable(x, df) if known else math.inf for x in (2.86, 3.5))
            point = chart([group[0] for group in groups[:step + 1]], errors, None, 0.2,
                          [width] * length, [jump] * length)[-1]
            points.append(point if known else point[:2] + [None, None, 0, 0])
        cases.append({"groups": groups, "points": points})
    return cases


def standardised(values, level):
    """Hawkins's distances: each value against all since the last change, by Student's t."""
    if level is not None:
        return [(value - level[0]) / level[1] for value in values]
    distances = []
    for index, value in enumerate(values):
        earlier = values[:index]
        if index < 2 or value == np.mean(earlier):
            distances.append(0.0)
            continue
        if len(set(earlier)) < 2:  # The odd one is last by chance as often as at any other place.
            distances.append(float(math.copysign(stats.norm.isf(0.5 / (index + 1)), value - earlier[0])))
            continue
        t = (value - np.mean(earlier)) / (np.std(earlier, ddof=1) * math.sqrt(1 + 1 / index))
        distances.append(float(math.copysign(stats.norm.isf(stats.t.sf(abs(t), index - 1)), t)))
    return distances


def cusum(values, level, allowance, limit):
    """Starts anew after each change, with the values since it began as what is known of the level."""
    changes, start, known_since = [], 0, 0
    while True:
        tail = values[known_since:]
        distances = standardised(tail, level if not changes else None)
        found = None
        rise = fall = 0.0
        rise_from = fall_from = start
        for step in range(start, len(values)):
            distance = distances[step - known_since]
            rise_from = step if rise == 0 else rise_from
            fall_from = step if fall == 0 else fall_from
            rise, fall = max(0, rise + distance - allowance), max(0, fall - distance - allowance)
            if max(rise, fall) > limit:
                found = [rise_from if rise >= fall else fall_from, step, rise >= fall]
                break
        if found is None:
            return changes
        changes.append(found)
        known_since, start = found[0], found[1] + 1


def cusums():
    cases = []
    for index in range(70):
        values = [value for value in series(int(random.choice([3, 10, 40, 60])), index) if value is not None]
        level = [0.7, 0.05] if index % 2 else None
        allowance, limit = [0.5, 0.25][index % 4 // 3], [4.77, 3.0][index % 3 // 2]
        cases.append({"values": values, "level": level, "allowance": allowance, "limit": limit,
                      "changes": cusum(values, level, allowance, limit)})
    for equal in [2, 4, 5, 6, 7, 10, 20, 60]:
        for step in [-0.3, 0.05]:
            values = [0.75] * equal + [0.75 + step] * 10
            cases.append({"values": values, "level": None, "allowance": 0.5, "limit": 4.77,
                          "changes": cusum(values, None, 0.5, 4.77)})
    return cases


def run_length(allowance, limit, shift):
    """Page's integral equation with other points than ArcKit's, and more of them."""
    places, weights = np.polynomial.legendre.leggauss(160)
    places, weights = limit * (1 + places) / 2, limit * weights / 2
    lengths = []
    for k in (allowance - shift, allowance + shift):
        nodes = np.concatenate([[0.0], places])
        matrix = np.concatenate([[0.0], weights]) * stats.norm.pdf(nodes[None, :] + k - nodes[:, None])
        matrix[:, 0] += stats.norm.cdf(k - nodes)
        lengths.append(np.linalg.solve(np.eye(len(nodes)) - matrix, np.ones(len(nodes)))[0])
    return float(1 / sum(1 / length for length in lengths))


def run_lengths():
    return [{"allowance": k, "limit": h, "shift": shift, "length": run_length(k, h, shift)}
            for k in [0.25, 0.5, 1.0] for h in [2.0, 4.0, 4.77, 5.0] for shift in [0.0, 0.5, 1.0, -2.0]]


def log_marginal(values, errors, center, spread):
    """The density of a stretch, its level integrated out: a normal distribution with a common covariance."""
    covariance = np.diag(np.square(errors)) + spread ** 2
    return float(stats.multivariate_normal(np.full(len(values), center), covariance).logpdf(values))


def bayesian(values, errors, rate):
    """Goes through every division of the series."""
    center, spread = float(np.mean(values)), float(np.std(values, ddof=1))
    weights = []
    for cuts in itertools.product([False, True], repeat=len(values) - 1):
        bounds = [0] + [place + 1 for place, cut in enumerate(cuts) if cut] + [len(values)]
        score = sum(math.log(rate if cut else 1 - rate) for cut in cuts)
        score += sum(log_marginal(values[i:j], errors[i:j], center, spread) for i, j in zip(bounds, bounds[1:]))
        weights.append((score, cuts))
    highest = max(score for score, _ in weights)
    total = sum(math.exp(score - highest) for score, _ in weights)
    chances = [0.0] + [
        sum(math.exp(score - highest) for score, cuts in weights if cuts[place]) / total
        for place in range(len(values) - 1)]
    unchanged = sum(math.exp(score - highest) for score, cuts in weights if not any(cuts)) / total
    best = max(weights)[1]
    return chances, unchanged, [place + 1 for place, cut in enumerate(best) if cut]


def posteriors_of_changes():
    cases = []
    for index in range(40):
        values = [value for value in series(int(random.integers(3, 10)), index) if value is not None]
        if len(set(values)) < 2:
            continue
        errors = [round(random.uniform(0.02, 0.1), 3) for _ in values] if index % 2 else None
        rate = [0.02, 0.2][index % 2]
        chances, unchanged, changes = bayesian(values, errors or [moving_range(values)] * len(values), rate)
        cases.append({"values": values, "standardErrors": errors, "rate": rate, "probabilities": chances,
                      "unchanged": unchanged, "changes": changes})
    return cases


def parts():
    return {
        "powers": powers(), "designs": designs(), "flakiness": flakiness(), "ewmas": ewmas(), "cusums": cusums(),
        "runLengths": run_lengths(), "changePosteriors": posteriors_of_changes(), "groupCharts": group_charts()}
