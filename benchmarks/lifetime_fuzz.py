# The long run of the fuzzer of lifetime: many random cases, each with a limit of time.
"""Run random cases of all models and print those that fail or take long: `python benchmarks/lifetime_fuzz.py --seconds 300`."""

from __future__ import annotations

import argparse
import importlib.util
import multiprocessing
import time
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[1] / "tests" / "python" / "lifetime" / "fuzz.py"


def _fuzz() -> Any:
    spec = importlib.util.spec_from_file_location("fuzz", TESTS)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _one(seed: int, sender: Any) -> None:
    begin = time.monotonic()
    try:
        outcome = _fuzz().run(seed)
    except Exception as error:
        outcome = f"FAILED {type(error).__name__}: {error}"
    sender.send((outcome, time.monotonic() - begin))


def main() -> None:
    """Run cases in processes of their own, since a loop of the core cannot be interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--seconds", type=float, default=300.0, help="time to run")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds that a case may take")
    parser.add_argument("--slow", type=float, default=5.0, help="print cases that take more seconds")
    args = parser.parse_args()
    context = multiprocessing.get_context("fork")
    end = time.monotonic() + args.seconds
    seed, bad = args.first, 0
    while time.monotonic() < end:
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=_one, args=(seed, sender))
        process.start()
        outcome, took = receiver.recv() if receiver.poll(args.limit) else ("FAILED: does not end", args.limit)
        if process.is_alive() and took >= args.limit:
            process.kill()
        process.join()
        failed = outcome.startswith("FAILED")
        bad += failed
        if failed or took > args.slow:
            print(f"seed {seed}: {took:.1f} s: {outcome}", flush=True)
        seed += 1
    print(f"{seed - args.first} cases, {bad} failed")
    raise SystemExit(bad > 0)


if __name__ == "__main__":
    main()
