# Customer-base models: fits of CDNOW beside `lifetimes`, predictions of a million customers, fits of ten million.
"""Usage: CUSTFOLIO_DATA=FOLDER python benchmarks/lifetime.py PYTHON

FOLDER holds cdnow/CDNOW_master.txt (Fader and Hardie, brucehardie.com); PYTHON is an interpreter that has the package `lifetimes`.
Both sides fit the same arrays in turns, ours with one thread and with all; the median of the rounds counts, of time and of processor time, which
other work on the machine disturbs less. Likelihoods are compared by our own function before anything is told.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

import custfolio as cf

ROUNDS = 5
MODELS = {"BG/NBD": (cf.lifetime.BGNBD, "BetaGeoFitter"), "Pareto/NBD": (cf.lifetime.ParetoNBD, "ParetoNBDFitter")}
CDNOW = {
    "BG/NBD": {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426},
    "Pareto/NBD": {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669},
}


def cdnow(path: Path) -> dict[str, np.ndarray]:
    """All 23,570 customers, calibration 1997-01-01 to 1997-09-30, weeks."""
    text = path.read_text().split("\n", 1)[1].split()  # a heading, then customer, day, CDs and dollars
    customer = np.array(text[0::4])
    day = np.array([f"{d[:4]}-{d[4:6]}-{d[6:]}" for d in text[1::4]], dtype="datetime64[D]").astype(int)
    end = int(np.datetime64("1997-09-30").astype(int))
    pairs = np.unique(np.stack([customer.astype(int), day], axis=1)[day <= end], axis=0)
    first = np.flatnonzero(np.r_[True, np.diff(pairs[:, 0]) > 0])
    last = np.r_[first[1:], len(pairs)] - 1
    return {
        "frequency": (last - first).astype(float),
        "recency": (pairs[last, 1] - pairs[first, 1]) / 7.0,
        "T": (end - pairs[first, 1]) / 7.0,
    }


def in_days(rows: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Simulated histories as a ledger would have them: times in whole days, told in weeks."""
    recency = np.where(rows["frequency"] > 0, np.maximum(np.round(7 * rows["recency"]), 1) / 7, 0.0)
    return {**rows, "recency": np.minimum(recency, rows["T"])}


def simulated(model: Any, count: int) -> dict[str, np.ndarray]:
    """Customers who came on any day of three years."""
    days = np.random.default_rng(1).integers(1, 3 * 365, count)
    return in_days(model.simulate(count, days / 7.0, seed=1))


def beside_lifetimes(python: str, rows: dict[str, np.ndarray]) -> None:
    """Fit in turns and print the ratios."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.npz"
        np.savez(path, **rows)
        peer = subprocess.Popen(
            [python, str(Path(__file__).with_name("lifetime_peer.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
        )
        assert peer.stdin is not None
        assert peer.stdout is not None

        def ask(line: str) -> dict[str, Any]:
            print(line, file=peer.stdin, flush=True)
            return dict(json.loads(peer.stdout.readline()))

        print(ask(str(path)), f"{len(rows['T']):,} customers")
        for name, (kind, fitter) in MODELS.items():
            times: dict[str, list[float]] = {}
            for _ in range(ROUNDS):
                answer = ask(fitter)
                times.setdefault("lifetimes", []).append(answer["seconds"])
                times.setdefault("lifetimes, processor", []).append(answer["processor"])
                for how, threads in (("one thread", 1), ("all threads", 0)):
                    start, used = time.perf_counter(), time.process_time()
                    model = kind(threads=threads).fit(**rows)
                    assert all(np.isfinite(list(model.standard_errors_.values())))
                    seconds, processor = time.perf_counter() - start, time.process_time() - used
                    times.setdefault(how, []).append(seconds)
                    times.setdefault(f"{how}, processor", []).append(processor)
            theirs = kind.from_params(**answer["params"])._core_model().log_likelihood(**rows).sum()
            assert model.converged_, model.message_
            assert model.log_likelihood_ >= theirs - 1e-6, (model.log_likelihood_, theirs)
            medians = {how: statistics.median(found) for how, found in times.items()}
            ratio = medians["lifetimes, processor"] / medians["one thread, processor"]
            print(
                f"{name}: {', '.join(f'{how} {1e3 * t:,.2f} ms' for how, t in medians.items())}; "
                f"processor time {ratio:,.0f} times less, time on one thread "
                f"{medians['lifetimes'] / medians['one thread']:,.0f} times less; "
                f"log-likelihood {model.log_likelihood_:,.4f}, theirs {theirs:,.4f}",
                flush=True,
            )
        peer.stdin.close()
        peer.wait()


def memory(*, reset: bool = False) -> float:
    """Return the peak of resident memory in MB; with reset, begin a new peak and return what is resident now (Linux)."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    status = Path("/proc/self/status").read_text()
    name = "VmRSS:" if reset else "VmHWM:"
    return float(status.split(name)[1].split()[0]) / 1024


def large() -> None:
    """Predict a million customers and fit ten million, of each model."""
    for name, (kind, _) in MODELS.items():
        truth = kind.from_params(**CDNOW[name])
        rows = simulated(truth, 1_000_000)
        truth.predict({k: v[:10] for k, v in rows.items()})
        for what, options in (("without value", {}), ("with value", {"spend": 30.0})):
            times, processor = [], []
            for _ in range(3):
                start, used = time.perf_counter(), time.process_time()
                table = truth.predict(rows, horizon="52 weeks", discount_rate=0.10, **options)
                times.append(time.perf_counter() - start)
                processor.append(time.process_time() - used)
            columns = len(table._columns())
            print(
                f"{name}: predict 1,000,000 customers, {columns} columns, {what}: {min(times):.2f} s, "
                f"{min(processor):.2f} s of processor time"
            )
        rows = simulated(truth, 10_000_000)
        before = memory(reset=True)
        start, used = time.perf_counter(), time.process_time()
        model = kind().fit(**rows)
        seconds, processor_time = time.perf_counter() - start, time.process_time() - used
        more = memory() - before
        print(
            f"{name}: fit 10,000,000 customers ({model._fit.cells:,} distinct rows): {seconds:.2f} s, "
            f"{processor_time:.2f} s of processor time, {more:,.0f} MB more than before; {model.message_}; "
            + ", ".join(f"{k} {v:.4f} ({model.standard_errors_[k]:.4f})" for k, v in model.params_.items())
        )


if __name__ == "__main__":
    folder = os.environ.get("CUSTFOLIO_DATA")
    if len(sys.argv) != 2 or not folder:
        sys.exit(__doc__)
    beside_lifetimes(sys.argv[1], cdnow(Path(folder) / "cdnow" / "CDNOW_master.txt"))
    large()
