#!/usr/bin/env python3
"""The principal flow of a dense 200×200 Hessian beside numpy's eigendecomposition (LAPACK): both sides on this machine, one after the other.

    OMP_NUM_THREADS=1 taskset -c 1 .venv/bin/python benches/peers/spectral.py

Runs `cargo bench --bench flow -- dense` and prints Markdown. Times are the medians of criterion and of numpy.
"""

import os
import re
import statistics
import subprocess
import time
from pathlib import Path

# Before numpy is loaded: one thread on both sides.
os.environ.update({name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")})
import numpy as np  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent.parent
UNITS = {"ns": 1e-6, "µs": 1e-3, "ms": 1.0, "s": 1e3}


def median(function):
    times = []
    for _ in range(30):
        start = time.perf_counter()
        function()
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times)


def ours():
    """Milliseconds by the name of the benchmark."""
    command = ["cargo", "bench", "--bench", "flow", "--", "dense", "--noplot"]
    text = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    found = re.findall(r"^a dense 200×200 Hessian/(.*?)\s+time:\s+\[\S+ \S+ (\S+) (\S+) ", text, re.M)
    return {name: float(value) * UNITS[unit] for name, value, unit in found}


def main():
    n = 200
    i, j = np.meshgrid(np.arange(n), np.arange(n), indexing="ij")
    wave = lambda i, j: np.sin((7 * i * j + 3 * (i + j)) * 0.37) / 15
    real = wave(i, j)
    mixed = real + 0.1j * wave(i + 1, j + 1)
    mine = ours()
    peers = {"numpy `eigh`": median(lambda: np.linalg.eigh(real)), "numpy `eig`": median(lambda: np.linalg.eig(mixed))}
    print(f"| dense {n}×{n} Hessian | shadowflow | numpy {np.__version__} | ratio |\n|---|---|---|---|")
    rows = {
        "eigendecomposition": "numpy `eigh`",
        "principal flow, real": "numpy `eigh`",
        "principal flow, complex": "numpy `eig`",
    }
    for name, peer in rows.items():
        print(f"| {name} | {mine[name]:.3g} ms | {peers[peer]:.3g} ms, {peer} | {mine[name] / peers[peer]:.2f} |")


if __name__ == "__main__":
    main()
