#!/usr/bin/env python3
"""Gradient, Hessian product, third order field and f_0..f_4 of two tanh networks beside JAX: one run, one thread, doubles.

    pip install jax numpy
    taskset -c 1 python3 benches/peers/networks_derivatives.py

150 rows of 4 numbers, layers of 28 and 28, 3 classes (1,039 parameters), and 64-280-280-10 (99,690); softmax cross-entropy over all
rows. JAX takes f_2 by nested forward derivatives of its gradient, and f_0..f_4 by `jet` along five steps of gradient descent, in
whose differences they stand: log(1 + Δ) = h f. Prints Markdown: milliseconds of processor time, the shortest of many, and how
far results lie apart, relative to the largest, and the memory that shadowflow's arrays take.
"""

import argparse
import tempfile
from math import comb, factorial
from pathlib import Path

import networks_common as common

common.one_thread()
import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402
from jax.experimental import jet  # noqa: E402

NETWORKS = {"1,039": (4, 28, 28, 3), "99,690": (64, 280, 280, 10)}
H = 0.05


def peer_functions(network):
    """Compiled functions of flat parameters, by the name of the work."""
    gradient = jax.grad(network.loss)
    product = lambda x, u: jax.jvp(gradient, (x,), (u,))[1]

    def third(x):
        g = gradient(x)
        hg = product(x, g)
        curved = jax.jvp(lambda y: product(y, g), (x,), (g,))[1]
        return -g - H / 2 * hg - H**2 * (product(x, hg) / 3 + curved / 12)

    def shift_logarithm(x, h, order):
        iterates = [x]
        for _ in range(order + 1):
            iterates.append(iterates[-1] - h * gradient(iterates[-1]))
        total = 0.0
        for k in range(1, order + 2):
            difference = sum((-1) ** (k - j) * comb(k, j) * iterates[j] for j in range(k + 1))
            total = total + (-1) ** (k + 1) / k * difference
        return total

    def series(x, order=4):
        one, zero = jnp.ones(()), jnp.zeros(())
        _, terms = jet.jet(lambda h: shift_logarithm(x, h, order), (zero,), ((one,) + (zero,) * order,))
        return jnp.concatenate([terms[j] / factorial(j + 1) for j in range(order + 1)])

    sines = jnp.sin(jnp.arange(network.count, dtype=float))
    return {"gradient": gradient, "product": lambda x: product(x, sines), "third": third, "series": series}


WORDS = {
    "gradient": "gradient",
    "product": "Hessian product",
    "third": "`f_0 + h f_1 + h² f_2`",
    "series": "`f_0..f_4`",
}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--command", nargs="+", help="the built example network_speed (default: built and run by cargo)")
    options = arguments.parse_args()
    command = options.command or ["cargo", "run", "--release", "--quiet", "--example", "network_speed", "--"]
    print(f"| parameters | work | shadowflow, ms | JAX {jax.__version__}, ms | ratio | apart | MiB |\n|---|---|---|---|---|---|---|")
    for name, sizes in NETWORKS.items():
        network = common.random_network(sizes)
        x = jnp.asarray(network.start)
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            network.write(folder, network.start)
            own = common.timed(command, folder, "--h", H, "--results", folder)
            for work, function in peer_functions(network).items():
                compiled = jax.jit(function).lower(x).compile()
                peer = common.milliseconds(lambda: jax.block_until_ready(compiled(x)))
                expected, found = np.asarray(compiled(x)), np.fromfile(folder / f"{work}.bin")
                apart = np.max(np.abs(found - expected)) / np.max(np.abs(expected))
                mine, memory = own[work]["ms"], own[work]["bytes"] / 2**20
                numbers = f"{mine:.3g} | {peer:.3g} | {mine / peer:.2f} | {apart:.1e} | {memory:.2f}"
                print(f"| {name} | {WORDS[work]} | {numbers} |", flush=True)


if __name__ == "__main__":
    main()
