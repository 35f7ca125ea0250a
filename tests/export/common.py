"""What the tests of exported programs share: the command, and what it prints."""
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMMAND = os.environ.get("SHADOWFLOW", str(ROOT / "target" / "debug" / "shadowflow"))
BANANA = "examples/losses/banana.loss"
NETWORK = "examples/losses/exclusive_or.loss"


def shadowflow(*arguments):
    done = subprocess.run([COMMAND, "--quiet", *map(str, arguments)], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, (arguments, done.stderr)
    return done.stdout


def exported(*arguments):
    """The names of an exported Python module."""
    names = {"__name__": "exported"}
    exec(compile(shadowflow("export", *arguments), " ".join(map(str, arguments)), "exec"), names)
    return names


def evaluated(loss, flow, h, at, *arguments):
    """The field at a point as the command has it, complex."""
    where = ["--at", at] if at else []
    loss = [loss] if isinstance(loss, str) else loss
    out = shadowflow("eval", *loss, "--order", 0, "--h", h, "--flows", flow, *where, "--format", "json", *arguments)
    return [complex(*pair) for pair in json.loads(out)["fields"][flow]["value"]]


def close(what, got, want, tolerance):
    """Fails where two arrays differ by more than the tolerance, relative to the larger of 1e-300 and the largest entry wanted."""
    import numpy

    got, want = numpy.asarray(got), numpy.asarray(want)
    assert got.shape == want.shape, (what, got.shape, want.shape)
    error = numpy.max(numpy.abs(got - want), initial=0) / max(numpy.max(numpy.abs(want), initial=0), 1e-300)
    assert error <= tolerance, f"{what}: off by {error:.1e}, relative\ngot  {got}\nwant {want}"
    return error


def run(names):
    """Runs the functions of a module whose names begin with test_, or those that the command line names."""
    tests = {name: f for name, f in names.items() if name.startswith("test_")}
    for name in sys.argv[1:] or tests:
        tests[name]()
        print(f"{name}: ok", flush=True)
