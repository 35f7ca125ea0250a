#!/usr/bin/env python3
"""`shadowflow eval` against mpmath: random losses at random points, tails and near-cancellations above all.

    pip install mpmath
    python3 tests/mpmath/eval.py --bin target/release/shadowflow --cases 3000 --seed 1

Every number that eval prints must be the double nearest to the value that mpmath finds with jets of second order, at a precision that is
doubled until the value is known to 60 digits and no exponential was lost beside 1; a number of which mpmath finds nothing but noise must be printed as
0.0. What eval leaves out must be beyond the largest double, or said to be unknown. Any difference ends the run with status 1.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import mpmath
from mpmath import mp, mpf


class NoValue(Exception):
    """The loss or a derivative of it has no real value."""


class Jet:
    """A value with its gradient and Hessian."""

    def __init__(self, value, gradient, hessian):
        self.v, self.g, self.h = value, gradient, hessian

    @staticmethod
    def constant(value, n):
        return Jet(mpf(value), [mpf(0)] * n, [[mpf(0)] * n for _ in range(n)])

    def chain(self, f, df, ddf):
        n = range(len(self.g))
        return Jet(f, [df * self.g[i] for i in n],
                   [[df * self.h[i][j] + ddf * self.g[i] * self.g[j] for j in n] for i in n])


def add(a, b):
    n = range(len(a.g))
    return Jet(a.v + b.v, [a.g[i] + b.g[i] for i in n], [[a.h[i][j] + b.h[i][j] for j in n] for i in n])


def mul(a, b):
    n = range(len(a.g))
    return Jet(a.v * b.v, [a.g[i] * b.v + a.v * b.g[i] for i in n],
               [[a.h[i][j] * b.v + a.g[i] * b.g[j] + a.g[j] * b.g[i] + a.v * b.h[i][j] for j in n] for i in n])


def power(a, q):
    x = a.v
    if q.denominator != 1 and x < 0 or x == 0 and (q < 2 and q not in (0, 1)):
        raise NoValue
    def p(e):
        if e < 0 and x == 0:
            return mpf(0)
        e = Fraction(e)
        if e.denominator == 1:
            return x ** int(e)
        return mpf(0) if x == 0 else mpmath.exp(mpf(e.numerator) / e.denominator * mpmath.log(x))
    m = mpf(q.numerator) / q.denominator
    return a.chain(p(q), m * p(q - 1), m * (m - 1) * p(q - 2))


# The largest exponent of e that an evaluation met: a sum of 1 and exp(−|x|) needs |x|/log 10 digits, or it loses a term whatever agrees.
EXPONENT = [mpf(0)]


def apply(name, a):
    x = a.v
    one = mpf(1)
    if name in ("exp", "expm1", "sinh", "cosh", "tanh", "sigmoid", "softplus", "erf"):
        EXPONENT[0] = max(EXPONENT[0], x * x if name == "erf" else 2 * abs(x))
    if name in ("exp", "expm1"):
        e = mpmath.exp(x)
        return a.chain(e if name == "exp" else e - 1, e, e)
    if name in ("log", "log1p"):
        y = x if name == "log" else 1 + x
        if y <= 0:
            raise NoValue
        return a.chain(mpmath.log(y), 1 / y, -1 / y**2)
    if name == "sin":
        return a.chain(mpmath.sin(x), mpmath.cos(x), -mpmath.sin(x))
    if name == "cos":
        return a.chain(mpmath.cos(x), -mpmath.sin(x), -mpmath.cos(x))
    if name == "tan":
        t = mpmath.tan(x)
        return a.chain(t, 1 + t * t, 2 * t * (1 + t * t))
    if name in ("asin", "acos"):
        if abs(x) >= 1:
            raise NoValue
        s = one if name == "asin" else -one
        r = 1 - x * x
        return a.chain(mpmath.asin(x) if s > 0 else mpmath.acos(x), s / mpmath.sqrt(r), s * x / (r * mpmath.sqrt(r)))
    if name == "atan":
        r = 1 + x * x
        return a.chain(mpmath.atan(x), 1 / r, -2 * x / r**2)
    if name == "sinh":
        return a.chain(mpmath.sinh(x), mpmath.cosh(x), mpmath.sinh(x))
    if name == "cosh":
        return a.chain(mpmath.cosh(x), mpmath.sinh(x), mpmath.cosh(x))
    if name == "tanh":
        t = mpmath.tanh(x)
        s = 1 / mpmath.cosh(x) ** 2
        return a.chain(t, s, -2 * t * s)
    if name == "erf":
        d = 2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-x * x)
        return a.chain(mpmath.erf(x), d, -2 * x * d)
    if name in ("sigmoid", "softplus"):
        e = mpmath.exp(-x)
        s = 1 / (1 + e)
        d = e * s * s
        if name == "sigmoid":
            return a.chain(s, d, d * (1 - 2 * s))
        return a.chain(mpmath.log(1 + mpmath.exp(x)), s, d)
    if name in ("relu", "abs"):
        if x == 0:
            raise NoValue
        slope = mpf(1 if x > 0 else (0 if name == "relu" else -1))
        return a.chain(slope * x, slope, mpf(0))
    raise ValueError(name)


# Expressions: ("c", Fraction) ("pi",) ("v", k) ("+", a, b) ("*", a, b) ("^", a, Fraction) (function, a) ("logsumexp", a, b, …)

def text(e):
    kind = e[0]
    if kind == "c":
        q = e[1]
        return f"({q.numerator}/{q.denominator})" if q.denominator != 1 else f"({q.numerator})"
    if kind == "pi":
        return "pi"
    if kind == "v":
        return "xy"[e[1]]
    if kind in "+*":
        return f"({text(e[1])} {kind} {text(e[2])})"
    if kind == "^":
        q = e[2]
        return f"({text(e[1])})^({q.numerator}/{q.denominator})" if q.denominator != 1 else f"({text(e[1])})^({q.numerator})"
    if kind == "logsumexp":
        return "logsumexp([" + ", ".join(text(t) for t in e[1:]) + "])"
    return f"{kind}({text(e[1])})"


def jet(e, point):
    n = len(point)
    kind = e[0]
    if kind == "c":
        return Jet.constant(mpf(e[1].numerator) / e[1].denominator, n)
    if kind == "pi":
        return Jet.constant(+mpmath.pi, n)
    if kind == "v":
        j = Jet.constant(mpf(point[e[1]].numerator) / point[e[1]].denominator, n)
        j.g[e[1]] = mpf(1)
        return j
    if kind == "+":
        return add(jet(e[1], point), jet(e[2], point))
    if kind == "*":
        return mul(jet(e[1], point), jet(e[2], point))
    if kind == "^":
        return power(jet(e[1], point), e[2])
    if kind == "logsumexp":
        total = None
        for t in e[1:]:
            x = apply("exp", jet(t, point))
            total = x if total is None else add(total, x)
        return apply("log", total)
    return apply(kind, jet(e[1], point))


def fields(e, point):
    """−g and −Hg/2."""
    j = jet(e, point)
    n = range(len(point))
    return [-g for g in j.g] + [-sum(j.h[i][k] * j.g[k] for k in n) / 2 for i in n]


def nearest(x):
    """The double nearest to an mpf; None beyond the largest."""
    sign, man, exponent, bits = x._mpf_
    if man == 0:
        return 0.0
    if exponent + bits > 1100:
        return None
    if exponent + bits < -1200:
        return 0.0
    q = Fraction(int(man) * (-1) ** sign) * Fraction(2) ** exponent
    try:
        return q.numerator / q.denominator
    except OverflowError:
        return None


class Hard(Exception):
    """mpmath does not settle within reason."""


def too_long(*_):
    raise Hard


def expected(e, point, careful=True):
    """The doubles of `fields`, each from two precisions that agree to 60 digits where the finer one is not noise."""
    before, digits = None, 700
    while digits <= 5600:
        mp.dps = digits
        EXPONENT[0] = mpf(0)
        try:
            values = fields(e, point)
        except (ZeroDivisionError, NoValue):
            values = None
        except (OverflowError, MemoryError, ValueError):
            raise Hard
        if careful and EXPONENT[0] > digits:
            before, digits = None, digits * 2
            continue
        if before is not None and before[0] == values is None:
            return None
        if before is not None and values is not None and before[0] is not None:
            known = []
            for x, y in zip(before[0], values):
                tiny = mpf(10) ** (-330)
                if abs(x - y) <= abs(y) * mpf(10) ** (-60) or abs(x) < tiny and abs(y) < tiny:
                    known.append(nearest(y))
            if len(known) == len(values):
                return known
        before = (values,)
        digits *= 2
    raise Hard


FUNCTIONS = ["exp", "expm1", "log", "log1p", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "erf", "sigmoid",
             "softplus", "relu", "abs"]
C = lambda n, d=1: ("c", Fraction(n, d))
X, Y = ("v", 0), ("v", 1)
sub = lambda a, b: ("+", a, ("*", C(-1), b))
F = lambda name, a: (name, a)

# What differs from something simple by a tail, by argument.
TAILS = [
    lambda u: sub(F("tanh", u), C(1)), lambda u: sub(F("erf", u), C(1)), lambda u: sub(F("sigmoid", u), C(1)),
    lambda u: sub(F("log", F("cosh", u)), u), lambda u: sub(F("softplus", u), u), lambda u: F("softplus", u),
    lambda u: F("exp", ("*", C(-1), F("exp", u))), lambda u: sub(("^", ("+", u, C(1)), Fraction(1, 2)), ("^", u, Fraction(1, 2))),
    lambda u: sub(F("atan", u), ("*", C(1, 2), ("pi",))), lambda u: sub(F("log1p", F("exp", u)), u),
    lambda u: ("*", F("exp", u), F("log", ("+", C(1), F("exp", ("*", C(-1), u))))),
    lambda u: F("log", sub(C(1), F("sigmoid", u))), lambda u: F("sin", ("*", ("pi",), u)),
    lambda u: sub(F("sinh", u), F("cosh", u)), lambda u: sub(F("log1p", u), u), lambda u: sub(F("expm1", u), u),
    lambda u: sub(("logsumexp", u, C(1)), u), lambda u: sub(("logsumexp", u, ("*", C(2), u)), ("logsumexp", ("*", C(2), u), C(0))),
    lambda u: sub(F("asin", u), u), lambda u: F("acos", sub(C(1), ("^", u, Fraction(2)))), lambda u: sub(F("tan", u), F("sin", u)),
    lambda u: ("^", sub(("^", ("+", C(1), ("^", u, Fraction(2))), Fraction(1, 2)), C(1)), Fraction(-1)),
    lambda u: sub(("^", u, Fraction(1, 3)), ("^", ("+", u, C(1)), Fraction(1, 3))),
    lambda u: F("log", sub(C(1), F("erf", u))), lambda u: F("log", sub(C(1), F("tanh", u))),
    lambda u: sub(C(1), ("*", F("sigmoid", u), ("+", C(1), F("exp", ("*", C(-1), u))))),
    lambda u: F("relu", sub(F("exp", u), C(1))), lambda u: F("abs", sub(F("sin", u), u)),
]


def expression(r, depth):
    if depth == 0 or r.random() < 0.2:
        pick = r.random()
        if pick < 0.7:
            return X if r.random() < 0.6 else Y
        return C(r.randint(-9, 9), r.randint(1, 9)) if pick < 0.93 else ("pi",)
    pick = r.random()
    if pick < 0.35:
        return ("+", expression(r, depth - 1), expression(r, depth - 1))
    if pick < 0.55:
        return ("*", expression(r, depth - 1), expression(r, depth - 1))
    if pick < 0.62:
        return ("^", expression(r, depth - 1), Fraction(r.choice([2, 3, -1, -2, 5])))
    if pick < 0.66:
        base = ("+", C(1), ("^", expression(r, depth - 1), Fraction(2)))
        return ("^", base, Fraction(r.choice([1, -1, 3]), r.choice([2, 3])))
    if pick < 0.70:
        return ("logsumexp", *[expression(r, depth - 1) for _ in range(r.randint(2, 3))])
    return (r.choice(FUNCTIONS), expression(r, depth - 1))


def loss(r):
    if r.random() < 0.35:
        return expression(r, 4)
    argument = r.choice([X, X, ("*", C(r.randint(1, 9)), X), ("+", X, Y), ("*", X, Y), F("exp", X), ("^", X, Fraction(2))])
    tail = r.choice(TAILS)(argument)
    pick = r.random()
    if pick < 0.5:
        return tail
    other = expression(r, 2)
    return (r.choice("+*"), tail, other) if pick < 0.8 else ("*", F("exp", Y), tail)


def coordinate(r):
    pick = r.random()
    sign = r.choice([1, 1, -1])
    if pick < 0.25:
        return Fraction(sign * r.randint(0, 9))
    if pick < 0.5:
        return Fraction(sign * r.randint(1, 900))
    if pick < 0.65:
        return sign * Fraction(r.randint(1, 999), 100)
    if pick < 0.85:
        return sign * Fraction(r.randint(1, 99), 10) * Fraction(10) ** r.choice([-1, -5, -12, -20, -30, -100, -160, -310])
    if pick < 0.93:
        return r.randint(1, 9) + sign * Fraction(1, 10 ** r.randint(6, 40))
    return sign * Fraction(r.randint(1, 99), 10) * Fraction(10) ** r.choice([3, 6, 12, 22, 30, 100])


def decimal(q):
    return f"{q.numerator}/{q.denominator}" if q.denominator != 1 else str(q.numerator)


def run(binary, folder, number, e, point):
    path = os.path.join(folder, f"{number}.loss")
    with open(path, "w") as file:
        file.write(f"param x, y\nloss {text(e)}\n")
    at = f"x={decimal(point[0])},y={decimal(point[1])}"
    call = [binary, "eval", path, "--order", "1", "--at", at, "--format", "json"]
    try:
        done = subprocess.run(call, capture_output=True, text=True, timeout=240)
    except subprocess.TimeoutExpired:
        return at, None, "timeout"
    os.remove(path)
    if done.returncode != 0:
        return at, None, done.stderr.strip()
    return at, json.loads(done.stdout), ""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", default="target/release/shadowflow")
    parser.add_argument("--cases", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=20261124)
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    r = random.Random(arguments.seed)
    cases = [(loss(r), [coordinate(r), coordinate(r)]) for _ in range(arguments.cases)]
    signal.signal(signal.SIGALRM, too_long)
    counts = {"numbers": 0, "zeros": 0, "no value": 0, "left out": 0, "undecided": 0, "hard": 0, "refused": 0}
    failures = 0
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(arguments.jobs) as pool:
        runs = [pool.submit(run, arguments.bin, folder, k, e, p) for k, (e, p) in enumerate(cases)]
        for (e, point), future in zip(cases, runs):
            at, found, error = future.result()
            say = lambda what: print(f"loss {text(e)} --at {at}: {what}", flush=True)
            if found is None and ("timeout" in error or "panicked" in error):
                say(error)
                failures += 1
                continue
            if found is None and ("not known" in error or "could not be told" in error):
                counts["undecided"] += 1
                say(error.splitlines()[0][:200])
                continue
            if found is None and ("syntax" in error or "error[" in error or "1 |" in error or "2 |" in error):
                counts["refused"] += 1
                continue
            signal.alarm(10)
            try:
                right = expected(e, point)
            except Hard:
                counts["hard"] += 1
                continue
            finally:
                signal.alarm(0)
            if found is None:
                counts["no value"] += 1
                if right is not None:
                    say(f"{error.splitlines()[0]}, but mpmath finds {right}")
                    failures += 1
                continue
            if right is None:
                # A kink, or a derivative at the end of a domain that eval has by another route.
                if not found["warnings"]:
                    counts["hard"] += 1
                continue
            values = found["orders"][0]["value"] + found["orders"][1]["value"]
            codes = {w["code"] for w in found["warnings"]}
            for value, double in zip(values, right):
                counts["numbers"] += 1
                counts["zeros"] += double == 0.0
                if value is None:
                    counts["left out"] += 1
                    if double is not None and not codes & {"precision", "overflow"}:
                        say(f"{value} without a reason instead of {double}")
                        failures += 1
                    elif double is not None:
                        say(f"left out ({', '.join(sorted(codes))}): {double}")
                elif value != double:
                    say(f"{value!r} instead of {double!r}")
                    failures += 1
    print(f"{arguments.cases} losses, seed {arguments.seed}: " + ", ".join(f"{n} {k}" for k, n in counts.items()))
    print(f"{failures} differences")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    sys.setrecursionlimit(10000)
    main()
