"""The local order of the period-two flows in h, by `shadowflow simulate` on losses that are stiff in proportion to 1/h.

    python3 examples/experiments/local_order.py

A number is the slope log2(e(h)/e(h/2)) of the distance e from gradient descent two steps after the split; `shadowflow` must be on the search path.
"""

import json
import math
import subprocess
from fractions import Fraction

FLOWS = ["edge", "p2:0", "p2:1", "p2:2", "p2:3", "p2:4"]
SLOW = "3*y^2/10 + x*y/2 + x^2*y/5 - 3*x^3/20 + x^4/10 - 7*sin(y)/10 + 2*x^2/5"
CURVED = "3*(x - y^2/2)^2*y/5 + 3*y^2/10 - 7*sin(y)/10"


def straight(h):
    """A valley along y, and where to start."""
    return f"{1 / h}*x^2 + {SLOW}", "x=0.4,y=0.3"


def curved(h):
    """A valley along x = y^2/2, and a start as far from it as is natural there."""
    return f"{1 / h}*(x - y^2/2)^2/(1 + y^2) + {CURVED}", f"x={0.045 + 0.4 * math.sqrt(h):.12f},y=0.3"


def errors(family, h):
    """The distance of each flow at step 3."""
    loss, start = family(h)
    command = ["shadowflow", "simulate", "--loss", loss, "--param", "x,y", "--h", str(h), "--steps", "3", "--start", start]
    command += ["--flows", ",".join(FLOWS), "--format", "json", "--quiet"]
    found = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    return [found["flows"][name]["error"][3] for name in FLOWS]


def main():
    """Prints a row for each valley and step size."""
    print("valley    h     " + "".join(f"{name:>7}" for name in FLOWS))
    for family in (straight, curved):
        for n in (10, 20):
            pairs = zip(errors(family, Fraction(1, n)), errors(family, Fraction(1, 2 * n)))
            slopes = [math.log2(coarse / fine) if coarse and fine else math.nan for coarse, fine in pairs]
            print(f"{family.__name__:<9} {f'1/{n}':<6}" + "".join(f"{slope:7.2f}" for slope in slopes))


if __name__ == "__main__":
    main()
