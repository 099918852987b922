"""Reference values for `src/compare/estimate.rs`, by SciPy: `python3 estimates.py > estimates.json`.

Made with SciPy 1.17.1. Yuen's test of one sample is that of two, of which the second does not vary.
"""

import json

import numpy as np
from scipy import stats

TRIM = 0.2
LEVELS = [0.05, 0.01, 1e-3, 1e-4, 1e-5]
LAUNCHES = [2, 5, 9, 10, 14, 16, 19, 24, 40, 64]


def samples(random, n):
    yield random.normal(0.01, 0.002, n)
    yield 0.02 + 0.003 * random.standard_t(2, n)
    yield np.where(random.random(n) < 0.5, -0.01, 0.03) + random.normal(0, 0.001, n)


def reference(values):
    constant = np.zeros(len(values))
    test = stats.ttest_ind(values, constant, trim=TRIM, equal_var=False)
    intervals = []
    for alpha in LEVELS:
        interval = test.confidence_interval(1 - alpha)
        intervals.append({"alpha": alpha, "lower": interval.low, "upper": interval.high})
    return {
        "values": values.tolist(),
        "median": float(np.median(values)),
        "trimmed_mean": float(stats.trim_mean(values, TRIM)),
        "intervals": intervals,
    }


random = np.random.default_rng(1)
print(json.dumps([reference(v) for n in LAUNCHES for v in samples(random, n)], indent=1))
