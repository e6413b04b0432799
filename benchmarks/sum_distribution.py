# Sums of independent amounts against R's PoissonBinomial, fast-poibin and aggregate, each on its own example, with the same figures.
"""Usage: python benchmarks/sum_distribution.py [--reference] [--once] | --correlated

Peers are optional and installed by hand: R with PoissonBinomial (Debian: r-cran-poissonbinomial; found as ``Rscript``), and a Python
with ``fast-poibin`` and ``aggregate`` named by the environment variable PEERS_PYTHON. With ``--reference`` the sums are checked
against an exact reference (mpmath), which takes a minute; ``--once`` runs R's longest example, which takes minutes too. With
``--correlated`` sums with a common factor are timed alone, beside a fixed fine rule over the factor whose sums are independent ones.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import NormalDist

import mpmath
import numpy as np

from custfolio.growth import Distribution, sum_distribution

R = """
suppressMessages(library(PoissonBinomial))
args <- commandArgs(trailingOnly = TRUE)
x <- read.csv(args[1])
at <- scan(args[2], quiet = TRUE)
begin <- proc.time()[["elapsed"]]
if (max(x$a) == 1) p <- ppbinom(at, x$p, method = "DivideFFT") else
  p <- pgpbinom(at, x$p, val_p = as.integer(x$a), val_q = rep(0L, nrow(x)), method = "DivideFFT")
cat(sprintf("%.6f\\n", proc.time()[["elapsed"]] - begin))
cat(sprintf("%.17g\\n", p))
"""

PEERS = """
import json, sys, time
import numpy as np
p, at, which = json.load(open(sys.argv[1]))
best = None
for _ in range(3):
    if which == "fast-poibin":
        from fast_poibin import PoiBin
        begin = time.perf_counter()
        one = PoiBin(p)
        found = [float(one.cdf[int(v)]) for v in at]
    else:
        from aggregate import build
        begin = time.perf_counter()
        one = build("agg sum dfreq [%d] dsev [0 1] [%.17g %.17g]" % (len(p), 1 - p[0], p[0]), bs=1, log2=12)
        found = [float(one.cdf(int(v))) for v in at]
    took = time.perf_counter() - begin
    best = took if best is None else min(best, took)
print(json.dumps([best, found]))
"""


def amounts(count: int, most: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Chances and whole amounts from 1 to `most`."""
    rng = np.random.default_rng(seed)
    return rng.uniform(0, 1, count), rng.integers(1, most + 1, count).astype(float)


def exact(p: np.ndarray, a: np.ndarray, at: np.ndarray) -> list[mpmath.mpf]:
    """Cdf of the sum at whole points, to 24 decimals and more: from its characteristic function, in fixed point of 160 bits.

    On a window of N points around the mean the cdf is a sum over N frequencies, 2 pi j / N. What lies beyond the window is bounded by
    Bernstein's inequality, and the characteristic function by |phi(t)| <= exp(-sum p (1 - p) (1 - cos(a t))), which one FFT gives for all
    frequencies: only those few are computed where it is not negligible.
    """
    bits, negligible = 160, 1e-25
    one = 1 << bits
    spread = p * (1 - p)
    deviation = float(np.sqrt(np.sum(spread * a * a)))
    window = 1 << math.ceil(math.log2(30 * deviation))
    half = window / 2
    assert 2 * math.exp(-0.5 * half**2 / (deviation**2 + a.max() * half / 3)) < negligible
    weights = np.bincount(a.astype(int) % window, spread, window)
    bound = np.exp(np.minimum(np.fft.rfft(weights).real - weights.sum(), 0))
    frequencies = np.flatnonzero(bound > 1e-34)[1:]
    assert 2 * (bound[1:].sum() - bound[frequencies].sum()) < negligible * window
    origin = int(np.sum(p * a)) - window // 2
    by_amount = {int(k): [int(mpmath.mpf(c) * one) for c in p[a == k].tolist()] for k in np.unique(a)}
    parts = []
    for j in frequencies.tolist():
        t = 2 * mpmath.pi * j / window
        real, imaginary = one, 0
        for amount, chances in by_amount.items():
            turn = mpmath.expj(amount * t) - 1
            x, y = int(turn.real * one), int(turn.imag * one)
            for c in chances:  # times 1 + c (exp(i amount t) - 1)
                u, v = one + (c * x >> bits), c * y >> bits
                real, imaginary = (real * u - imaginary * v) >> bits, (real * v + imaginary * u) >> bits
        phi = mpmath.mpc(real, imaginary) / one
        parts.append((t, phi * mpmath.expj(-t * origin) / (1 - mpmath.expj(-t))))
    found = []
    for k in at.astype(int).tolist():
        count = k - origin + 1
        found.append((count + 2 * sum((part * (1 - mpmath.expj(-t * count))).real for t, part in parts)) / window)
    return found


def timed(work: Callable[[], Distribution], rounds: int = 5) -> tuple[float, Distribution]:
    """Seconds of the fastest of a few rounds, and what came of it."""
    found, fastest = work(), float("inf")
    for _ in range(rounds):
        begin = time.perf_counter()
        found = work()
        fastest = min(fastest, time.perf_counter() - begin)
    return fastest, found


def by_r(p: np.ndarray, a: np.ndarray, at: np.ndarray) -> tuple[float, np.ndarray]:
    """Seconds and cdf values of PoissonBinomial."""
    with tempfile.TemporaryDirectory() as folder:
        table, points, script = (Path(folder) / name for name in ("x.csv", "at.txt", "run.R"))
        np.savetxt(table, np.column_stack([p, a]), delimiter=",", header="p,a", comments="", fmt="%.17g")
        np.savetxt(points, at, fmt="%d")
        script.write_text(R)
        out = subprocess.run(["Rscript", script, table, points], capture_output=True, text=True, check=True)
    lines = out.stdout.split()
    return float(lines[0]), np.array(lines[1:], dtype=float)


def by_python(python: str, which: str, p: np.ndarray, at: np.ndarray) -> tuple[float, np.ndarray]:
    """Seconds and cdf values of a Python peer."""
    with tempfile.TemporaryDirectory() as folder:
        question, script = Path(folder) / "question.json", Path(folder) / "run.py"
        question.write_text(json.dumps([p.tolist(), at.tolist(), which]))
        script.write_text(PEERS)
        out = subprocess.run([python, script, question], capture_output=True, text=True, check=True)
    seconds, found = json.loads(out.stdout.strip().splitlines()[-1])
    return seconds, np.array(found)


def correlated() -> None:
    """Sums with a common factor, and one tail of each, against the trapezoidal rule of spacing 1/64 over independent sums."""
    normal = NormalDist()
    print("| n, amounts, correlation | custfolio | spacing 1/64 | ratio | greatest difference | a tail |")
    print("|---|---:|---:|---:|---:|---:|")
    for count, most in ((1_000, 1), (1_000, 100), (10_000, 1), (10_000, 100)):
        rng = np.random.default_rng(1)
        p, a = rng.uniform(0.02, 0.95, count), rng.integers(1, most + 1, count).astype(float)
        quantiles = np.array([normal.inv_cdf(x) for x in p.tolist()])
        for share in (0.1, 0.5):
            times = []
            for _ in range(3):
                begin = time.perf_counter()
                found = sum_distribution(p, a, correlation=share)
                times.append(time.perf_counter() - begin)
            at = np.unique(np.round([found.quantile(q) for q in (0.001, 0.1, 0.3, 0.5, 0.7, 0.9, 0.999)]))
            reference = np.zeros(at.size)
            begin = time.perf_counter()
            for z in np.arange(-544, 545) / 64 if count == 1_000 else ():
                given = [normal.cdf(x) for x in ((quantiles - math.sqrt(share) * z) / math.sqrt(1 - share)).tolist()]
                one = sum_distribution(given, a)
                reference += normal.pdf(z) / 64 * np.array([one.cdf(v) for v in at.tolist()])
            took = time.perf_counter() - begin
            gap = max(abs(reference - [found.cdf(v) for v in at.tolist()]))
            begin = time.perf_counter()
            found.tail(0.999 * a.sum())
            tail = time.perf_counter() - begin
            beside = f"{took:.1f} s | {took / min(times):.0f} | {gap:.0e}" if count == 1_000 else "- | - | -"
            print(f"| {count:,}, 1..{most}, {share} | {min(times):.2f} s | {beside} | {tail:.2f} s |", flush=True)


def main() -> None:
    """Compare, and print a table."""
    rscript, python = shutil.which("Rscript"), os.environ.get("PEERS_PYTHON")
    rows: list[tuple[str, float, str, float | None, float]] = []

    def compare(name: str, p: np.ndarray, a: np.ndarray, peer: str, ask: Callable[[np.ndarray], object] | None) -> None:
        seconds, found = timed(lambda: sum_distribution(p, a))
        at = np.array([found.quantile(q) for q in (0.001, 0.1, 0.5, 0.9, 0.999)])
        if ask is None:
            rows.append((name, seconds, "-", None, float("nan")))
        else:
            theirs, cdf = ask(at)  # type: ignore[misc]
            gap = max(abs(found.cdf(v) - c) for v, c in zip(at.tolist(), cdf.tolist(), strict=True))
            assert gap < 1e-6, (name, gap)
            rows.append((name, seconds, peer, theirs, gap))
        print(f"{name:36} {1e3 * seconds:10.2f} ms  {peer:16}", rows[-1][3], rows[-1][4], flush=True)

    for count, most in ((1_000, 100), (100_000, 100), (100_000, 1_000), (1_000_000, 1)):
        p, a = amounts(count, most)
        slow = (count, most) == (100_000, 1_000)
        ask = None
        if rscript and count < 1_000_000 and (not slow or "--once" in sys.argv):
            ask = lambda at, p=p, a=a: by_r(p, a, at)  # noqa: E731
        compare(f"n = {count:,}, amounts 1..{most:,}", p, a, "PoissonBinomial", ask)
        if "--reference" in sys.argv and count == 100_000:
            found = sum_distribution(p, a)
            at = np.floor(found.mean + found.standard_deviation * np.linspace(-9, 9, 2_001))
            with mpmath.workdps(48):
                gaps = [abs(found.cdf(k) - f) for k, f in zip(at.tolist(), exact(p, a, at), strict=True)]
            print(f"    largest error of the cdf at {at.size:,} values: {float(max(gaps)):.1e}", flush=True)
    if python:
        p, a = amounts(100_000, 1)
        compare("n = 100,000, equal amounts", p, a, "fast-poibin", lambda at: by_python(python, "fast-poibin", p, at))
        same = np.full(1_000, 0.1)
        compare(
            "n = 1,000, equal amounts and chances",
            same,
            np.ones(1_000),
            "aggregate",
            lambda at: by_python(python, "aggregate", same, at),
        )
    print(
        "\n| Sum | custfolio | peer | time of the peer | ratio | greatest difference |\n|---|---:|---|---:|---:|---:|"
    )
    for name, seconds, peer, theirs, gap in rows:
        if theirs is None:
            print(f"| {name} | {1e3 * seconds:.1f} ms | - | - | - | - |")
        else:
            print(
                f"| {name} | {1e3 * seconds:.1f} ms | {peer} | {1e3 * theirs:,.1f} ms | {theirs / seconds:,.0f} | {gap:.1e} |"
            )


if __name__ == "__main__":
    correlated() if "--correlated" in sys.argv else main()
