#!/usr/bin/env python3
"""Gradients, Hessian–vector products and third derivatives of networks beside JAX on the CPU, in f64: both sides on this machine, one after the
other.

    taskset -c 1 .venv/bin/python benches/peers/networks_jax.py [ROWS:WIDTH,WIDTH,… …]

Runs `cargo bench --bench networks` and prints Markdown: the least times of both sides. On one processor both use one thread. JAX gets the loss without
the shift of its exponents, which is least work.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
NETWORKS = ["150:4,28,28,3", "150:64,280,280,10", "1797:64,16,10", "150:64,300,256,10"]
BUDGET = 0.7
CPUS = len(os.sched_getaffinity(0))
if CPUS == 1:
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
os.environ["JAX_PLATFORMS"] = "cpu"
import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402
from jax.flatten_util import ravel_pytree  # noqa: E402

jax.config.update("jax_enable_x64", True)


def least(function, *arguments):
    """The least time in milliseconds."""
    compiled = jax.jit(function).lower(*arguments).compile()
    times = []
    end = time.perf_counter() + BUDGET
    while len(times) < 5 or time.perf_counter() < end:
        start = time.perf_counter()
        jax.block_until_ready(compiled(*arguments))
        times.append((time.perf_counter() - start) * 1e3)
    return min(times)


def peer(spec):
    rows, widths = spec.split(":")
    rows, widths = int(rows), [int(w) for w in widths.split(",")]
    random = np.random.default_rng(0)
    x = jnp.asarray(random.normal(size=(rows, widths[0])))
    y = jnp.asarray(np.eye(widths[-1])[random.integers(0, widths[-1], rows)])
    parameters = [
        (jnp.asarray(random.normal(size=(m, n)) / np.sqrt(m)), jnp.asarray(0.1 * random.normal(size=n)))
        for m, n in zip(widths[:-1], widths[1:])
    ]
    theta, unravel = ravel_pytree(parameters)

    def loss(theta):
        z = x
        for k, (w, b) in enumerate(unravel(theta)):
            z = (jnp.tanh(z) if k else z) @ w + b
        return jnp.mean(jnp.log(jnp.sum(jnp.exp(z), axis=1)) - jnp.sum(z * y, axis=1))

    u, v = (jnp.asarray(random.normal(size=theta.size)) for _ in range(2))
    gradient = jax.grad(loss)
    product = lambda t, u: jax.jvp(gradient, (t,), (u,))[1]
    third = lambda t, u, v: jax.jvp(lambda s: product(s, u), (t,), (v,))[1]
    times = {"grad": least(gradient, theta), "hvp": least(product, theta, u), "third": least(third, theta, u, v)}
    # What can be reused from one direction to the next.
    _, linear = jax.linearize(gradient, theta)
    times["hvp along"] = least(linear, u)
    return theta.size, times


def main():
    networks = sys.argv[1:] or NETWORKS
    command = ["cargo", "bench", "--bench", "networks", "--", *networks]
    if "NETWORKS_BENCH" in os.environ:
        command = [os.environ["NETWORKS_BENCH"], *networks]
    text = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    mine = {(line["network"], line["name"]): line["best"] for line in lines}
    names = {
        "grad": "gradient",
        "hvp": "Hessian–vector product",
        "hvp along": "the same, at a state entered before (JAX: `linearize`)",
        "third": "third derivative along two directions",
    }
    print(f"| network | | shadowflow, ms | JAX {jax.__version__}, ms | ratio |\n|---|---|---|---|---|")
    for network in networks:
        size, times = peer(network)
        for name, words in names.items():
            ours = mine[(network, name)]
            print(f"| {network} ({size}) | {words} | {ours:.3g} | {times[name]:.3g} | {ours / times[name]:.2f} |", flush=True)


if __name__ == "__main__":
    main()
