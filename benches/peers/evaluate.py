#!/usr/bin/env python3
"""Evaluating modified fields at many points: shadowflow beside other programs, in one run, as a Markdown table.

The fields are f_0 + h f_1 + ... + h^n f_n of gradient descent: L1 is the banana function to n = 4, L2 a loss with four
transcendental functions to n = 3. Every program gets the same expressions, derived here by Lie derivatives, and the
same number of points. One thread: pin the script to a core.

    pip install numpy sympy symengine symbolica symjit jax
    taskset -c 1 python3 benches/peers/evaluate.py

Peers that are not installed are left out.
"""

import argparse
import json
import subprocess
import sys
import time
from math import factorial

ORDER = {"L1": 4, "L2": 3}
NAMES = {"L1": ["x", "y"], "L2": ["a", "b", "c"]}
BOUNDS = {
    "L1": [(-1.5, 1.5), (-0.5, 2.0), (1e-4, 1e-3)],
    "L2": [(-1.5, 1.5)] * 3 + [(0.01, 0.3)],
}
PARTS = 100
PEERS = ["symengine-llvm", "symbolica-jit", "symjit", "symjit-avx512", "jax"]


def loss(name, v, q, exp, log, tanh, cos):
    if name == "L1":
        x, y = v
        return (1 - x) ** 2 + 100 * (y - x**2) ** 2
    a, b, c = v
    return log(1 + exp(a * b)) + q(1, 2) * tanh(c * a) ** 2 + q(1, 3) * cos(b * c)


def field(name, v, h, value, q, diff, expand):
    """The components of f_0 + ... + h^n f_n: exp(h D_f) theta = theta - h grad E, solved order by order."""
    n = ORDER[name]
    expand = expand if name == "L1" else (lambda e: e)
    f = [[expand(-diff(value, x)) for x in v]]
    # powers[i][m]: the terms of (D_f)^i theta with m factors h beyond the first i, D_f along f_0 + h f_1 + ...
    powers = {(1, 0): f[0]}
    for j in range(1, n + 1):
        new = [0] * len(v)
        for i in range(2, j + 2):
            m = j + 1 - i
            total = [0] * len(v)
            for k in range(m + 1):
                inner = powers[(i - 1, m - k)]
                for c in range(len(v)):
                    total[c] = total[c] + sum((diff(inner[c], x) * g for x, g in zip(v, f[k])), 0)
            powers[(i, m)] = [expand(t) for t in total]
            for c in range(len(v)):
                new[c] = new[c] - q(1, factorial(i)) * powers[(i, m)][c]
        f.append([expand(t) for t in new])
        powers[(1, j)] = f[j]
    return [sum((f[j][c] * h**j for j in range(n + 1)), 0) for c in range(len(v))]


def sympy_field(name):
    import sympy as s

    v, h = s.symbols(NAMES[name]), s.Symbol("h")
    q = lambda a, b: s.Rational(a, b)
    value = loss(name, v, q, s.exp, s.log, s.tanh, s.cos)
    return list(v) + [h], field(name, v, h, value, q, s.diff, s.expand)


def evaluator(peer, name, points):
    """A function without arguments that evaluates at all points, and the seconds that compiling it took."""
    import numpy as np

    if peer == "symengine-llvm":
        import symengine as s

        v, h = [s.Symbol(n) for n in NAMES[name]], s.Symbol("h")
        q = lambda a, b: s.Rational(a, b)
        value = loss(name, v, q, s.exp, s.log, s.tanh, s.cos)
        out = field(name, v, h, value, q, lambda e, x: s.diff(e, x), s.expand)
        start = time.perf_counter()
        run = s.Lambdify(v + [h], out, backend="llvm", cse=True, opt_level=3)
        return lambda: run(points), time.perf_counter() - start
    if peer == "symbolica-jit":
        from symbolica import E, Expression, S

        v, h = [S(n) for n in NAMES[name]], S("h")
        q = lambda a, b: E(f"{a}/{b}")
        tanh = lambda e: ((2 * e).exp() - 1) / ((2 * e).exp() + 1)
        value = loss(name, v, q, lambda e: e.exp(), lambda e: e.log(), tanh, lambda e: e.cos())
        out = field(name, v, h, value, q, lambda e, x: e.derivative(x), lambda e: e.expand())
        start = time.perf_counter()
        run = Expression.evaluator_multiple(out, v + [h], iterations=1, n_cores=1, jit_compile=True)
        run.evaluate(points[:4])
        return lambda: run.evaluate(points), time.perf_counter() - start
    variables, out = sympy_field(name)
    if peer.startswith("symjit"):
        from symjit import compile_func

        start = time.perf_counter()
        run = compile_func(variables, out, use_threads=False, enable_simd512=peer.endswith("512"))
        seconds = time.perf_counter() - start
        columns = [np.ascontiguousarray(points[:, i]) for i in range(points.shape[1])]
        return lambda: run(*columns), seconds
    import jax
    import jax.numpy as jnp
    import sympy as s

    jax.config.update("jax_enable_x64", True)
    formula = s.lambdify(variables, out, "jax", cse=True, docstring_limit=0)
    start = time.perf_counter()
    data = jnp.asarray(points)
    run = jax.jit(jax.vmap(lambda z: jnp.stack(formula(*[z[i] for i in range(len(variables))])))).lower(data).compile()
    return lambda: run(data).block_until_ready(), time.perf_counter() - start


def measure(peer, name, count):
    import numpy as np

    random = np.random.default_rng(7)
    points = np.ascontiguousarray(np.stack([random.uniform(a, b, count) for a, b in BOUNDS[name]], axis=1))
    # One part, short enough to run undisturbed on a busy machine, again and again. It and its results stay in cache, which
    # favours the peers: shadowflow is timed on parts of an array that does not.
    run, seconds = evaluator(peer, name, points[: count // PARTS])
    best = float("inf")
    for _ in range(15 * PARTS):
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    return {"many_ns": best * 1e9 * PARTS / count, "compile_ms": seconds * 1e3}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--points", type=int, default=1_000_000)
    arguments.add_argument("--command", help="the built example (default: built and run by cargo)")
    arguments.add_argument("--worker", nargs=2, help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.worker:
        print(json.dumps(measure(*options.worker, options.points)))
        return
    command = [options.command] if options.command else "cargo run --release --quiet --example evaluation_speed --".split()
    lines = subprocess.run(command + [str(options.points)], capture_output=True, text=True, check=True).stdout.splitlines()
    rows = []
    for own in map(json.loads, lines):
        name = own["loss"]
        rows.append((name, "**shadowflow**", own["many_ns"], own["compile_ms"]))
        for peer in PEERS:
            worker = [sys.executable, __file__, "--points", str(options.points), "--worker", peer, name]
            result = subprocess.run(worker, capture_output=True, text=True)
            if result.returncode:
                reason = (result.stderr.strip().splitlines() or ["no reason given"])[-1]
                print(f"{peer} left out on {name}: {reason}", file=sys.stderr)
                continue
            result = json.loads(result.stdout.splitlines()[-1])
            rows.append((name, peer, result["many_ns"], result["compile_ms"]))
    print("| field | program | ns per point | to shadowflow | compiling, ms |\n|---|---|---|---|---|")
    for name, program, many, compiling in rows:
        own = next(r[2] for r in rows if r[0] == name)
        print(f"| {name}, n = {ORDER[name]} | {program} | {many:.1f} | {many / own:.1f} | {compiling:.1f} |")


if __name__ == "__main__":
    main()
