#!/usr/bin/env python3
"""`shadowflow train` beside JAX, in one run: a step without records, six eigenvalues every ten steps, the full spectrum in every step.

    pip install jax numpy
    taskset -c 1 python3 benches/peers/networks_training.py --binary target/release/shadowflow

JAX's step is the jitted `x - h * grad(loss)(x)` in doubles on one thread; its spectrum is `jax.hessian`, jitted, and numpy's `eigh`. Both
sides begin at the same parameters, take the same steps, and end where their distance says. Prints Markdown: milliseconds of processor
time a step, for shadowflow the difference of two runs of different length, so that starting and reading data do not count.
"""

import argparse
import csv
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import networks_common as common

common.one_thread()
import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402


def own(binary, folder, steps, *flags):
    """Processor seconds of a run, and its record."""
    record = folder / f"run{steps}.csv"
    record.unlink(missing_ok=True)
    line = [binary, "train", "net.loss", "--start", "start.json", "--optimizer", "gd", "--steps", str(steps), *map(str, flags), "--output", record.name]
    with tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(line, cwd=folder, stdout=err, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            err.seek(0)
            sys.exit(f"{' '.join(line)}: {err.read()[:500]}")
    for part in folder.glob(record.name + ".*"):
        part.unlink()
    return usage.ru_utime + usage.ru_stime, list(csv.DictReader(record.open()))


def own_step(binary, folder, short, long, *flags):
    """Milliseconds a step, from the fastest of three pairs of runs; the longest run's record."""
    best, rows = float("inf"), None
    for _ in range(3):
        few, _ = own(binary, folder, short, *flags)
        many, rows = own(binary, folder, long, *flags)
        best = min(best, (many - few) / (long - short) * 1e3)
    return best, rows


def peer_step(network, h, steps):
    """Milliseconds a step of the jitted gradient step, and the loss at the end."""
    step = jax.jit(lambda x: x - h * jax.grad(network.loss)(x))
    x = step(jnp.asarray(network.start)).block_until_ready()
    best = float("inf")
    for _ in range(3):
        x = jnp.asarray(network.start)
        begin = time.process_time()
        for _ in range(steps):
            x = step(x)
        x.block_until_ready()
        best = min(best, (time.process_time() - begin) / steps * 1e3)
    return best, x


def table(title):
    print(f"\n{title}\n\n| network | recorded | shadowflow, ms a step | JAX {jax.__version__}, ms a step | ratio | apart |\n|---|---|---|---|---|---|")


def row(name, recorded, mine, peer, apart):
    print(f"| {name} | {recorded} | {mine:.3g} | {peer:.3g} | {mine / peer:.2f} | {apart:.0e} |", flush=True)


def iris(hidden):
    """Iris, standardised, with tanh layers."""
    rows = list(csv.reader((common.ROOT / "examples/losses/iris.csv").open()))
    # The first line says what there is.
    data = np.array([[float(x) for x in r] for r in rows[1:]])
    inputs = (data[:, :4] - data[:, :4].mean(0)) / data[:, :4].std(0)
    labels = data[:, 4].astype(int)
    random = np.random.default_rng(0)
    sizes, parts = [4, *hidden, 3], []
    for m, n in zip(sizes, sizes[1:]):
        parts += [random.normal(size=(m, n)).ravel() / np.sqrt(m), np.zeros(n)]
    return common.Network(sizes, inputs, common.one_hot(labels, 3), np.concatenate(parts), np.column_stack([inputs, labels]))


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--binary", default=str(common.ROOT / "target/release/shadowflow"))
    options = arguments.parse_args()
    binary = str(Path(options.binary).resolve())

    table("A step without records")
    for name, network, h, steps in [
        ("64-280-280-10, 150 rows, 99,690 parameters", common.random_network((64, 280, 280, 10)), 0.05, (20, 220)),
        ("64-100-10 on all digits, 7,510 parameters", common.digits_network([100], 1797), 0.1, (20, 520)),
    ]:
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            network.write(folder, network.start)
            flags = ["--h", h, "--record", "loss", "--every", steps[1]]
            mine, rows = own_step(binary, folder, *steps, *flags)
            peer, x = peer_step(network, h, steps[1])
            row(name, "nothing", mine, peer, abs(float(rows[-1]["loss"]) / float(network.loss(x)) - 1))

    table("Six eigenvalues every ten steps, beside JAX's bare steps")
    network, h = common.digits_network([100], 1797), 0.1
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        network.write(folder, network.start)
        peer, x = peer_step(network, h, 420)
        value = float(network.loss(x))
        for recorded in ["loss", "loss,lambda", "loss,lambda,gradient_along,stability_coefficients", None]:
            bare = recorded == "loss"
            flags = ["--h", h, "--every", 420] if bare else ["--h", h, "--every", 10, "--eigenvalues", 6]
            flags += ["--record", recorded] if recorded else []
            mine, rows = own_step(binary, folder, 20, 420, *flags)
            row("64-100-10 on all digits", f"`{recorded}`" if recorded else "the default columns", mine, peer, abs(float(rows[-1]["loss"]) / value - 1))

    table("The full spectrum in every step")
    network, h = iris([10, 10, 10, 10]), 0.2
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        network.write(folder, network.start)
        mine, rows = own_step(binary, folder, 20, 60, "--h", h, "--eigenvalues", "all", "--record", "loss,lambda,gradient_along")
        hessian = jax.jit(jax.hessian(network.loss))
        step = jax.jit(lambda x: x - h * jax.grad(network.loss)(x))
        x = jnp.asarray(network.start)
        hessian(x).block_until_ready()
        begin, worst = time.process_time(), 0.0
        for k in range(60):
            values, _ = np.linalg.eigh(np.asarray(hessian(x)))
            worst = max(worst, abs(float(rows[k]["lambda_0"]) / values[-1] - 1))
            x = step(x)
        peer = (time.process_time() - begin) / 60 * 1e3
        row("4-10-10-10-10-3 on Iris, 413 parameters", "413 eigenvalues", mine, peer, worst)


if __name__ == "__main__":
    main()
