#!/usr/bin/env python3
"""A tanh network of a million parameters on the digits: seconds and memory of the whole command.

    pip install jax numpy
    python3 benches/peers/networks_million.py --binary target/release/shadowflow

64-1000-925-10, 1,000,185 parameters, all 1,797 rows; trained by JAX with twenty steps of gradient descent. Prints Markdown: the
clock and the peak of memory of `shadowflow eval`, on as many threads as it takes.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import networks_common as common

common.one_thread()
import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--hidden", default="1000,925")
    arguments.add_argument("--rows", type=int, default=1797)
    arguments.add_argument("--steps", type=int, default=20)
    arguments.add_argument("--rate", type=float, default=0.1)
    arguments.add_argument("--data", help="the digits' table, if not the one under examples/")
    arguments.add_argument("--binary", default=str(common.ROOT / "target/release/shadowflow"))
    options = arguments.parse_args()
    network = common.digits_network([int(n) for n in options.hidden.split(",")], options.rows, options.data)
    gradient = jax.jit(jax.grad(network.loss))
    x = jnp.asarray(network.start)
    for _ in range(options.steps):
        x = x - options.rate * gradient(x)
    print(f"{network.count:,} parameters, {options.rows} rows, {options.steps} steps, loss {float(network.loss(x)):.6g}\n")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        network.write(folder, x)
        np.save(folder / "start.npy", np.asarray(x))

        def run(name, *flags):
            document, err, status, seconds, peak = common.evaluate(options.binary, folder, *flags, at="start.npy")
            if status or document is None:
                sys.exit(f"shadowflow eval ended with {status}: {err.strip()[:500]}")
            fields = document.get("fields", {})
            notes = "; ".join(f"{k}: {v['products']} products, estimate {v['error_estimate']:.1e}" for k, v in fields.items())
            codes = sorted({w["code"] for w in document.get("warnings", [])})
            print(f"| {name} | {seconds:.2f} | {peak:.0f} | {notes} {' '.join(codes)} |", flush=True)
            return document

        print("| asked for | seconds | MiB at the peak | |\n|---|---|---|---|")
        run("gradient, `--order 0`", "--order", 0)
        run("`f_0..f_2`, `--order 2`", "--order", 2)
        top = run("λ_0, `--spectrum 1`", "--order", 0, "--spectrum", 1)["spectrum"]["eigenvalues"][0]
        for target in (0.9, 1.9):
            run(f"principal flow at hλ_0 = {target}", "--order", 0, "--h", repr(target / top), "--flows", "pf", "--field-tolerance", "1e-6")


if __name__ == "__main__":
    main()
