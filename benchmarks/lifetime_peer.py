# The other side of benchmarks/lifetime.py: fits of `lifetimes`, run by the Python that has it.
"""Reads the path of an npz file with frequency, recency and T, then names of fitters; answers each with seconds and parameters."""

from __future__ import annotations

import json
import sys
import time
import warnings

import lifetimes
import numpy as np

warnings.simplefilter("ignore")  # of the peer's own dependencies

rows = dict(np.load(sys.stdin.readline().strip()))
print(json.dumps({"lifetimes": lifetimes.__version__}), flush=True)
for line in sys.stdin:
    fitter = getattr(lifetimes, line.strip())(penalizer_coef=0.0)
    start, used = time.perf_counter(), time.process_time()
    fitter.fit(rows["frequency"], rows["recency"], rows["T"])
    seconds, processor = time.perf_counter() - start, time.process_time() - used
    params = {name: float(value) for name, value in fitter.params_.items()}
    print(json.dumps({"seconds": seconds, "processor": processor, "params": params}), flush=True)
