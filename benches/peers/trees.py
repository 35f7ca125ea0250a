"""Gradient descent's coefficients on all trees with at most N nodes: shadowflow beside kauri.

    cargo build --release
    python3 -m venv /tmp/peers && /tmp/peers/bin/pip install kauri
    taskset -c 1 /tmp/peers/bin/python benches/peers/trees.py --nodes 8

Each side runs in a process of its own, one after the other, best of --repeat for shadowflow; times are of the whole process,
CPU seconds. The sums of b(tau), which both sides print, must agree; kauri's are floats, rounded here to the nearest simple fraction. (pybs 0.1 from
PyPI is for Python 2 and does not import.)
"""

import argparse
import json
import resource
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

PROGRAM = Path(__file__).resolve().parents[2] / "target" / "release" / "shadowflow"

KAURI = """
import sys
from fractions import Fraction
import kauri
trees = [t for t in kauri.trees_up_to_order(int(sys.argv[1])) if t.list_repr is not None]
print(len(trees), sum(Fraction(kauri.omega(t)).limit_denominator(10**6) for t in trees))
"""


def cpu(command):
    """CPU seconds and output of a process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no output")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def symmetry(levels):
    """The symmetry of a tree and a name of its shape, from its level sequence."""
    starts = [i for i in range(1, len(levels)) if levels[i] == levels[0] + 1] + [len(levels)]
    size, runs = 1, {}
    for start, end in zip(starts, starts[1:]):
        child = tuple(levels[start:end])
        size *= symmetry(child)
        runs[child] = runs.get(child, 0) + 1
        size *= runs[child]
    return size


def own(nodes, repeat):
    command = [str(PROGRAM), "derive", "--route", "trees", "--order", str(nodes - 1), "--format", "json"]
    best, output = min((cpu(command) for _ in range(repeat)), key=lambda r: r[0])
    terms = [t for order in json.loads(output)["orders"] for t in order["terms"]]
    signed = ((-1) ** len(t["tree"]) * Fraction(t["coefficient"]) * symmetry(tuple(t["tree"])) for t in terms)
    return best, sum(signed)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--nodes", type=int, default=8)
    arguments.add_argument("--repeat", type=int, default=5)
    options = arguments.parse_args()
    seconds, total = own(options.nodes, options.repeat)
    print(f"shadowflow  {seconds:9.4f} s  sum {total}")
    peer, output = cpu([sys.executable, "-c", KAURI, str(options.nodes)])
    trees, peer_total = output.split()
    print(f"kauri       {peer:9.4f} s  sum {peer_total}  {trees} trees")
    print(f"ratio       {peer / seconds:9.0f}")
    if Fraction(peer_total) != total:
        sys.exit("the sums differ")


if __name__ == "__main__":
    main()
