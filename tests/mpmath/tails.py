#!/usr/bin/env python3
"""Writes `tests/library/data/tails.txt`: values at tails and cancellations, from mpmath with at least 1,400 digits, more than any term here is smaller than another.

    pip install mpmath
    python3 tests/mpmath/tails.py > tests/library/data/tails.txt
"""

from fractions import Fraction

import eval as reference
from eval import C, F, X, Y, sub, text

HALF = Fraction(1, 2)
neg = lambda a: ("*", C(-1), a)
times = lambda a, b: ("*", a, b)
plus = lambda a, b: ("+", a, b)
y = lambda e: times(Y, e)
E = lambda u: F("exp", u)
U = ("*", C(1, 3), X)

CASES = [
    # The issue that asked for enclosures.
    (plus(times(C(1, 2), ("^", X, Fraction(2))), times(E(X), F("log", plus(C(1), E(neg(X)))))), ["300"]),
    (times(E(X), F("log", plus(C(1), E(neg(X))))), ["266", "267"]),
    (F("sigmoid", X), ["354", "355", "700"]),
    (times(E(C(600)), F("sigmoid", X)), ["600"]),
    (times(Y, sub(F("log", plus(C(1), E(X))), X)), ["400"]),
    (neg(F("log", sub(C(1), F("sigmoid", X)))), ["89", "134", "800"]),
    (("^", sub(("^", plus(C(1), ("^", X, Fraction(2))), HALF), C(1)), Fraction(-1)), ["1e-30"]),
    # Tails of every function; the component of y is −T(x) itself.
    (y(sub(F("tanh", X), C(1))), ["20", "-20", "300", "370", "400"]),
    (y(sub(F("erf", X), C(1))), ["5", "26", "27", "30", "-30"]),
    (y(F("log", sub(C(1), F("erf", X)))), ["6", "30"]),
    (y(sub(F("sigmoid", X), C(1))), ["40", "600", "800"]),
    (y(F("sigmoid", X)), ["-40", "-744", "-746"]),
    (y(F("softplus", X)), ["-800", "-744", "-40", "40", "800"]),
    (y(sub(F("softplus", X), X)), ["40", "700"]),
    (y(sub(F("log", F("cosh", X)), X)), ["30", "400", "1e8"]),
    (y(sub(F("sinh", X), F("cosh", X))), ["300", "700"]),
    (y(E(neg(E(X)))), ["6", "13/2", "8", "20"]),
    (y(sub(F("log1p", X), X)), ["1e-20", "1e-160", "-1e-300"]),
    (y(sub(F("expm1", X), X)), ["1e-20", "1e-160"]),
    (y(sub(F("log1p", E(X)), X)), ["50", "740"]),
    (y(sub(F("sin", X), X)), ["1e-10", "1e-100"]),
    (y(sub(F("tan", X), F("sin", X))), ["1e-30"]),
    (y(sub(F("asin", X), F("atan", X))), ["1e-30"]),
    (y(F("acos", X)), ["999999999999999999999999999999/1000000000000000000000000000000"]),
    (y(sub(F("atan", X), times(C(1, 2), ("pi",)))), ["1e30", "1e300"]),
    (y(sub(("^", plus(X, C(1)), HALF), ("^", X, HALF))), ["1e30", "1e300"]),
    (y(sub(("^", plus(X, C(1)), Fraction(1, 3)), ("^", X, Fraction(1, 3)))), ["1e60"]),
    (y(sub(("logsumexp", X, Y), X)), ["100", "700"]),
    (y(sub(("logsumexp", X, plus(X, C(1))), ("logsumexp", plus(X, C(1)), plus(X, C(1, 10**25))))), ["500"]),
    (y(F("sin", times(("pi",), X))), ["1", "10000000000000000000001", "1/1000000000000000000000000"]),
    (y(F("sin", X)), ["1e22", "1e100", "1e300", "355/113"]),
    (y(F("cos", X)), ["1e22", "6381956970095103/4503599627370496"]),
    (y(F("tan", X)), ["14148475504056880/9007199254740992", "1e22"]),
    (y(sub(times(("^", plus(C(1), U), HALF), ("^", plus(C(1), U), HALF)), plus(C(1), X))), ["3/100"]),
    # The ends of the doubles.
    (E(X), ["709", "70978/100", "-708", "-745", "-74513/100", "-746"]),
    (y(("^", X, Fraction(4))), ["1e-80", "3e-81", "1e-85", "1e77"]),
    (y(("^", X, Fraction(-3, 2))), ["1e-200", "1e215", "1e216"]),
    (y(F("sinh", X)), ["710", "7105/10"]),
]


def main():
    print("# loss in x and y = 1 | x | f_0 and f_1, entry by entry; `-` is beyond the largest double. Made by tests/mpmath/tails.py.")
    for e, points in CASES:
        for at in points:
            point = [Fraction(at), Fraction(1)]
            values = reference.expected(e, point, careful=False)
            if values is None:
                raise SystemExit(f"no value: {text(e)} at {at}")
            shown = " ".join("-" if v is None else repr(v) for v in values)
            print(f"{text(e)} | {at} | {shown}")


if __name__ == "__main__":
    main()
