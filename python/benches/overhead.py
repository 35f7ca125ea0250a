"""What the package costs beside the library alone: calls, a million points, importing, the wheel.

    python python/benches/overhead.py [WHEEL]

Rust's own times come from `examples/field_speed.rs`, built in the package's profile and run in between where cargo is at hand, so that both sides share the machine's mood.
"""

from __future__ import annotations

import compileall
import os
import shutil
import subprocess
import sys
import time
import timeit
from pathlib import Path

import numpy as np

import shadowflow as sf

ROOT = Path(__file__).resolve().parents[2]
BANANA = "(1 - x)^2 + 100*(y - x^2)^2"


def best(call, number: int, repeat: int = 20) -> float:
    """The shortest time of one call, in seconds."""
    return min(timeit.repeat(call, number=number, repeat=repeat)) / number


def importing() -> tuple[float, float]:
    """Milliseconds that the imports of NumPy and, after it, of the package take, the least of 20 fresh processes. Bytecode is compiled before, as pip does."""
    clock = "time.perf_counter()"
    script = f"import time; a = {clock}; import numpy; b = {clock}; import shadowflow; print(b - a, {clock} - b)"
    run = lambda: subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    compileall.compile_dir(Path(sf.__file__).parent, quiet=1)
    times = [[1e3 * float(x) for x in run()] for _ in range(20)]
    return min(numpy for numpy, _ in times), min(ours for _, ours in times)


def rust() -> tuple[float, float] | None:
    """Seconds of a million points by the library alone on one thread and on all, where there is cargo."""
    example = ROOT / "target" / "wheel" / "examples" / "field_speed"
    if not example.exists():
        if shutil.which("cargo") is None:
            return None
        # As maturin builds the package: python/pyproject.toml.
        build = ["cargo", "rustc", "--profile", "wheel", "--quiet", "--package", "shadowflow-python", "--example", "field_speed"]
        build += ["--", "-C", "llvm-args=-inline-threshold=0"]
        subprocess.run(build, cwd=ROOT, check=True)
    one, all = subprocess.run([example], capture_output=True, text=True, check=True).stdout.split()
    return float(one), float(all)


def main() -> None:
    field = sf.loss(BANANA).field(4, "1/1000")
    point, out = np.array([-0.9, 0.95]), np.empty(2)
    identity = {"": None}.get
    family = sf.loss(BANANA).field(4)
    calls = {
        "an empty call of Python": lambda: identity(""),
        "numpy.add of two such points": lambda: np.add(point, point),
        "a field, one point": lambda: field(point),
        "the same, the step size an argument": lambda: family(point, 0.001),
    }
    # In turns, so that all share the machine's mood; the lambda's own call is taken off.
    shortest = dict.fromkeys([*calls, ""], float("inf"))
    for _ in range(20):
        for name, call in [*calls.items(), ("", lambda: None)]:
            shortest[name] = min(shortest[name], best(call, 5_000, 3))
    peer = shortest["numpy.add of two such points"] - shortest[""]
    for name in calls:
        time_ = shortest[name] - shortest[""]
        print(f"{name:36} {1e6 * time_:.3f} µs, {time_ / peer:.2f} of numpy.add")
    points = np.random.default_rng(0).uniform(-1, 1, size=(1_000_000, 2))
    out = np.empty_like(points)
    ours = {1: [], None: []}
    theirs = {1: [], None: []}
    for _ in range(7):
        found = rust()
        for threads in (1, None):
            ours[threads].append(best(lambda: field(points, out=out, threads=threads), 1, 5))
            if found is not None:
                theirs[threads].append(found[0 if threads == 1 else 1])
    for threads in (1, None):
        name = "one thread" if threads == 1 else f"{os.cpu_count()} threads"
        line = f"a million points, {name:14} {1e3 * min(ours[threads]):.2f} ms"
        if theirs[threads]:
            line += f"; the library alone {1e3 * min(theirs[threads]):.2f} ms, ratio {min(ours[threads]) / min(theirs[threads]):.3f}"
        print(line)
    begin = time.perf_counter()
    sf.derive(3)
    print(f"the first derivation, order 3       {1e3 * (time.perf_counter() - begin):.2f} ms")
    print(f"  and the next                      {1e3 * best(lambda: sf.derive(3), 20):.3f} ms")
    numpy, ours_ = importing()
    print(f"import after NumPy's                {ours_:.2f} ms, {ours_ / numpy:.3f} of NumPy's own")
    for wheel in sys.argv[1:]:
        print(f"{Path(wheel).name}  {Path(wheel).stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
