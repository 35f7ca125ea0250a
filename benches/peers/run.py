#!/usr/bin/env python3
"""Deriving f_1..f_n beside computer algebra systems: both sides on this machine, one after the other.

    python3 -m venv .venv && .venv/bin/pip install sympy symengine symbolica
    taskset -c 1 .venv/bin/python benches/peers/run.py [--limit SECONDS] [--only SYSTEM,SYSTEM]

Builds the example `growth` and the command, runs every system in a process of its own until a step takes it beyond the limit of CPU
seconds, writes results.json beside this file and prints Markdown. The systems derive by Lie derivatives (Hairer, Lubich &
Wanner, IX.1), S_1(w) = f_{w-1}, S_i(w) = sum_a D_{a-1} S_{i-1}(w-a), f_{w-1} = -sum_{i>=2} S_i(w)/i!, each Jacobian
once. Times are CPU seconds of deriving alone.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from math import factorial
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
LOSSES = {"L1": "banana", "L2": "transcendental", "L3": "network"}
SYSTEMS = {
    "L1": ["sympy", "symengine", "symbolica"],
    "L2": ["sympy", "symengine", "symbolica"],
    "L3": ["sympy", "symengine", "symbolica"],
}
# Orders of the table, and orders that only shadowflow is asked for.
SHOWN = {"L1": [4, 8, 10, 16, 24], "L2": [4, 6, 7, 12, 20], "L3": [2, 3, 4, 12, 20]}
MEMORY = 6 << 30


def source(loss):
    """Parameters and loss of a file, the loss as a Python expression."""
    lines = (ROOT / "benches/losses" / f"{LOSSES[loss]}.loss").read_text().splitlines()
    names = next(line[6:] for line in lines if line.startswith("param ")).replace(" ", "").split(",")
    return names, next(line[5:] for line in lines if line.startswith("loss ")).replace("^", "**")


class Exact(int):
    """Whole numbers whose quotients are fractions of the system at hand."""

    quotient = None

    def __truediv__(self, other):
        return Exact.quotient(int(self), int(other)) if isinstance(other, int) else NotImplemented


def expression(text, names):
    """Evaluates the loss with exact fractions: 1/2 is no float."""
    import re

    text = re.sub(r"(?<![\w.])(\d+)(?![\w.])", r"N(\1)", text)
    text = re.sub(r"\*\*N\((\d+)\)", r"**\1", text)
    return eval(text, {"N": Exact, **names})


def sympy_system(loss):
    import sympy as sp

    names, text = source(loss)
    v = sp.symbols(names)
    Exact.quotient = sp.Rational
    functions = {"exp": sp.exp, "log": sp.log, "tanh": sp.tanh, "cos": sp.cos}
    e = expression(text, {**functions, **dict(zip(names, v))})
    if loss == "L1":
        ring, *x = sp.ring(names, sp.QQ)
        x = list(x[0]) if isinstance(x[0], (list, tuple)) else x
        p = ring.from_expr(sp.expand(e))
        return [-p.diff(g) for g in x], lambda f, i: f.diff(x[i]), lambda f, n: f * sp.QQ(-1, n), lambda f: f
    return [-sp.diff(e, x) for x in v], lambda f, i: sp.diff(f, v[i]), lambda f, n: sp.Rational(-1, n) * f, lambda f: f


def symengine_system(loss):
    import symengine as se

    names, text = source(loss)
    v = [se.Symbol(n) for n in names]
    Exact.quotient = se.Rational
    functions = {"exp": se.exp, "log": se.log, "tanh": se.tanh, "cos": se.cos}
    e = expression(text, {**functions, **dict(zip(names, v))})
    norm = se.expand if loss == "L1" else lambda f: f
    return [norm(-se.diff(e, x)) for x in v], lambda f, i: f.diff(v[i]), lambda f, n: se.Rational(-1, n) * f, norm


def symbolica_system(loss):
    from symbolica import Expression, S

    names, text = source(loss)
    v = [S(n) for n in names]
    number = Expression.num
    Exact.quotient = lambda a, b: number(a) / number(b)
    functions = {"exp": lambda f: f.exp(), "log": lambda f: f.log(), "tanh": Expression.TANH, "cos": lambda f: f.cos()}
    e = expression(text, {**functions, **dict(zip(names, v))})
    if loss == "L1":
        p = e.expand().to_polynomial(vars=v)
        constant = lambda n: (number(-1) / n).to_polynomial(vars=v)
        return [-p.derivative(x) for x in v], lambda f, i: f.derivative(v[i]), lambda f, n: f * constant(n), lambda f: f
    return [-e.derivative(x) for x in v], lambda f, i: f.derivative(v[i]), lambda f, n: f * number(-1) / n, lambda f: f


def derive(f0, diff, over, norm):
    """Yields f_1, f_2, ...; `over(f, n)` is -f/n. Jacobians are taken once, when they are needed."""
    d = len(f0)
    field = [f0]
    sums = {(1, 1): f0}
    jacobians = {}

    def jacobian(key):
        if key not in jacobians:
            jacobians[key] = [[diff(c, k) for k in range(d)] for c in sums[key]]
        return jacobians[key]

    w = 1
    while True:
        w += 1
        total = None
        for i in range(2, w + 1):
            s = []
            for c in range(d):
                terms = (jacobian((i - 1, w - a))[c][k] * field[a - 1][k] for a in range(1, w + 2 - i) for k in range(d))
                s.append(norm(sum(terms, start=next(terms))))
            sums[i, w] = s
            scaled = [over(c, factorial(i)) for c in s]
            total = scaled if total is None else [t + c for t, c in zip(total, scaled)]
        field.append([norm(t) for t in total])
        sums[1, w] = field[-1]
        yield field[-1]


def worker(loss, system, limit):
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (int(limit) + 60, int(limit) + 60))
    steps = derive(*globals()[f"{system}_system"](loss))
    start = time.process_time()
    for order in range(1, max(SHOWN[loss]) + 1):
        try:
            next(steps)
        except MemoryError:
            return
        taken = time.process_time() - start
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        line = {"loss": loss, "system": system, "order": order, "seconds": taken, "megabytes": round(memory)}
        print(json.dumps(line), flush=True)
        if taken > limit:
            return


def lines(output):
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


def peer(loss, system, limit):
    command = [sys.executable, __file__, "--worker", loss, system, "--limit", str(limit)]
    environment = dict(os.environ, SYMBOLICA_HIDE_BANNER="1")
    return lines(subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment).stdout)


def command_times():
    """The whole command on L2 and L3, printing included: CPU seconds, megabytes and the size of the document."""
    rows = []
    for loss, order in [("L1", 16), ("L2", 7), ("L2", 20), ("L3", 4), ("L3", 12)]:
        file = ROOT / "benches/losses" / f"{LOSSES[loss]}.loss"
        command = [ROOT / "target/release/shadowflow", "derive", file, "--order", str(order), "--format", "json"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        size = len(process.stdout.read())
        _, _, usage = os.wait4(process.pid, 0)
        rows.append((loss, order, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, size / 1e6))
    return rows


def shown(seconds):
    if seconds is None:
        return "–"
    return f"{seconds * 1e3:.2g} ms" if seconds < 0.0995 else f"{seconds:.3g} s"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--worker", nargs=2)
    parser.add_argument("--limit", type=float, default=40)
    parser.add_argument("--only", default="sympy,symengine,symbolica")
    arguments = parser.parse_args()
    if arguments.worker:
        return worker(*arguments.worker, arguments.limit)
    build = ["cargo", "build", "--release", "--example", "growth", "--bin", "shadowflow"]
    subprocess.run(build, cwd=ROOT, check=True)
    run = subprocess.run([ROOT / "target/release/examples/growth", "--json"], stdout=subprocess.PIPE, text=True, check=True)
    ours = lines(run.stdout)
    systems = [s for s in ("sympy", "symengine", "symbolica") if s in arguments.only.split(",")]
    theirs = []
    for loss, candidates in SYSTEMS.items():
        for system in candidates:
            if system in systems:
                theirs += peer(loss, system, arguments.limit)
                print(f"{loss} {system}: {[(r['order'], round(r['seconds'], 3)) for r in theirs if r['system'] == system and r['loss'] == loss][-3:]}", file=sys.stderr)
    (HERE / "results.json").write_text(json.dumps({"shadowflow": ours, "peers": theirs}, indent=1) + "\n")
    print("| loss | n | shadowflow | " + " | ".join(systems) + " | best peer / shadowflow |")
    print("|---|---|---|" + "---|" * len(systems) + "---|")
    for loss, orders in SHOWN.items():
        for order in orders:
            at = lambda rows, **k: next((r for r in rows if all(r[n] == v for n, v in k.items())), None)
            mine = at(ours, loss=loss, order=order)["seconds"]
            others = [at(theirs, loss=loss, order=order, system=s) for s in systems]
            known = [o["seconds"] for o in others if o]
            ratio = f"{min(known) / mine:.3g}" if known else "–"
            cells = [shown(mine)] + [shown(o and o["seconds"]) for o in others] + [ratio]
            print(f"| {loss} | {order} | " + " | ".join(cells) + " |")
    print("\n| `derive FILE --order n --format json` | CPU | memory | document |\n|---|---|---|---|")
    for loss, order, seconds, megabytes, size in command_times():
        print(f"| {loss}, n = {order} | {shown(seconds)} | {megabytes:.0f} MB | {size:.1f} MB |")


if __name__ == "__main__":
    main()
