#!/usr/bin/env python3
"""The principal flow's field of digits networks at the edge of stability beside JAX and SciPy, and how true it is.

    pip install jax numpy "scipy>=1.17"
    taskset -c 1 python3 benches/peers/networks_principal_flow.py --binary target/release/shadowflow
    taskset -c 1 python3 benches/peers/networks_principal_flow.py --hidden 300,256 --rows 150 --steps 20 --target 1.9 2.1 --products 20 --tolerance 1e-6

Trains a tanh network (pixels/16, softmax cross-entropy over all rows) with gradient descent until hλ_0 is at the edge, sets h to
`target`/λ_0 and writes `net.loss`, `data.csv`, `start.json` and `h` to --output. The truth is the whole matrix (JAX's Hessian,
LAPACK) up to 2,000 parameters and a Krylov space of --truth products, orthogonalised in full, beyond. Peers are that matrix, and
SciPy's `funm_multiply_krylov` with JAX's Hessian products. Prints Markdown: processor time of one thread, products, true errors.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import networks_common as common

common.one_thread()
import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402
import scipy  # noqa: E402
from scipy.sparse.linalg import LinearOperator, eigsh  # noqa: E402

DENSE = 2000


def alpha(z):
    """log(1 − z)/z of real z, the argument of the logarithm π beyond 1."""
    z = np.asarray(z, dtype=float)
    small = np.abs(z) < 1e-9
    below = np.log1p(-np.where(z < 1, z, 0.0))
    beyond = np.log(np.where(z > 1, z - 1, 1.0)) + np.where(z > 1, 1j * np.pi, 0)
    return np.where(small, -1.0 - z / 2, (below + beyond) / np.where(small, 1.0, z))


def krylov(product, vector, h, steps):
    """alpha(h H) v from a space of so many products."""
    basis, diagonal, beside = [vector / np.linalg.norm(vector)], [], []
    for k in range(steps):
        w = product(basis[k])
        diagonal.append(basis[k] @ w)
        for _ in range(2):
            for q in basis:
                w = w - (q @ w) * q
        beside.append(np.linalg.norm(w))
        basis.append(w / beside[-1])
    small = np.diag(diagonal) + np.diag(beside[:-1], 1) + np.diag(beside[:-1], -1)
    values, vectors = np.linalg.eigh(small)
    weights = vectors @ (alpha(h * values) * vectors[0]) * np.linalg.norm(vector)
    return sum(w * q for w, q in zip(weights, basis))


class State:
    """A network where gradient descent has led it."""

    def __init__(self, network, steps, rate, space=60):
        self.network, self.space = network, space
        self.gradient_function = jax.jit(jax.grad(network.loss))
        gradient = jax.grad(network.loss)
        self.product_function = jax.jit(lambda x, u: jax.jvp(gradient, (x,), (u,))[1])
        x = jnp.asarray(network.start)
        for _ in range(steps):
            x = x - rate * self.gradient_function(x)
        self.x, self.g = x, np.asarray(self.gradient_function(x))
        count = network.count
        operator = LinearOperator((count, count), matvec=lambda u: self.product(np.ravel(u)), dtype=float)
        self.top = float(eigsh(operator, k=1, which="LA", tol=1e-10)[0][-1])

    def product(self, u):
        return np.asarray(self.product_function(self.x, jnp.asarray(u)))

    def matrix(self):
        if not hasattr(self, "hessian"):
            self.hessian = jax.jit(jax.hessian(self.network.loss))
        return np.asarray(self.hessian(self.x))

    def truth(self, h):
        if self.network.count <= DENSE:
            matrix = self.matrix()
            values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
            return vectors @ (alpha(h * values) * (vectors.T @ self.g))
        return krylov(self.product, self.g, h, self.space)

    def scipy(self, h, tolerance):
        """SciPy's field: products, milliseconds, value."""
        from scipy.sparse.linalg import funm_multiply_krylov

        count, made = self.network.count, [0]

        def product(u):
            made[0] += 1
            u = np.ravel(u)
            real = h * self.product(u.real)
            return real + 1j * h * self.product(u.imag) if np.any(u.imag) else real.astype(complex)

        def function(matrix):
            values, vectors = np.linalg.eigh(np.asarray(matrix))
            return (vectors * alpha(values)) @ vectors.conj().T

        operator = LinearOperator((count, count), matvec=product, dtype=complex)
        value = [None]

        def work():
            made[0] = 0
            value[0] = funm_multiply_krylov(function, operator, self.g.astype(complex), assume_a="her", rtol=tolerance)

        time = common.milliseconds(work, seconds=1.0, least=2, most=5)
        return made[0], time, value[0]


def relative(found, truth):
    return float(np.linalg.norm(found - truth) / np.linalg.norm(truth))


def field(binary, folder, h, *arguments):
    """shadowflow's field: value, estimate relative to it, products, codes of warnings, route."""
    document, err, status, *_ = common.evaluate(binary, folder, "--order", 0, "--h", repr(h), "--flows", "pf", *arguments)
    if status or document is None:
        sys.exit(f"shadowflow eval ended with {status}: {err.strip()[:500]}")
    found = document["fields"]["pf"]
    value = None if found["value"] is None else np.array([complex(*z) for z in found["value"]])
    codes = [w["code"] for w in document.get("warnings", [])]
    return value, found["error_estimate"], found["products"], codes, found["route"]


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--hidden", default="16", help="sizes of the layers between, by commas")
    arguments.add_argument("--rows", type=int, default=1797)
    arguments.add_argument("--steps", type=int, default=40, help="of gradient descent")
    arguments.add_argument("--rate", type=float, default=0.9, help="the step size of the training")
    arguments.add_argument("--target", type=float, nargs="+", default=[1.9], help="hλ_0")
    arguments.add_argument("--labels", choices=["data", "random"], default="data")
    arguments.add_argument("--inputs", choices=["data", "random"], default="data", help="random ones have random labels too")
    arguments.add_argument("--truth", type=int, default=60, help="products of the space that is the truth beyond 2,000 parameters")
    arguments.add_argument("--products", type=int, default=24, help="shadowflow's --max-products")
    arguments.add_argument("--tolerance", type=float, default=1e-8, help="shadowflow's --field-tolerance")
    arguments.add_argument("--data", help="the digits' table, if not the one under examples/")
    arguments.add_argument("--binary", default=str(common.ROOT / "target/release/shadowflow"))
    arguments.add_argument("--command", nargs="+", help="the built example network_speed (default: run by cargo)")
    arguments.add_argument("--output", help="where the loss file and the start stay")
    arguments.add_argument("--accuracy-only", action="store_true", help="no times")
    expected = arguments.add_argument_group("what must hold; exit status 1 where it does not")
    expected.add_argument("--expect-error", type=float, help="the true error with --max-products is at most this")
    expected.add_argument("--expect-products", type=int, help="the tolerance is reached by so many products, the estimate not below the true error")
    expected.add_argument("--expect-unreached", action="store_true", help="a warning, and an estimate not below a third of the true error")
    options = arguments.parse_args()
    command = options.command or ["cargo", "run", "--release", "--quiet", "--example", "network_speed", "--"]

    hidden = [int(n) for n in options.hidden.split(",")]
    if options.inputs == "random":
        network = common.random_network([64, *hidden, 10], options.rows)
    else:
        network = common.digits_network(hidden, options.rows, options.data, options.labels == "random")
    state = State(network, options.steps, options.rate, options.truth)
    count = f"{network.count:,}"
    print(f"{count} parameters, {options.steps} steps, λ_0 = {state.top:.9g}, loss {float(network.loss(state.x)):.6g}", flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(options.output or temporary)
        network.write(folder, state.x)
        failed = []
        for target in options.target:
            h = target / state.top
            (folder / "h").write_text(repr(h))
            print(f"\nhλ_0 = {target}, h = {h!r}\n")
            failed += accuracy(options, state, folder, h)
            if not options.accuracy_only:
                times(options, command, state, folder, h)
    for line in failed:
        print(f"does not hold: {line}")
    sys.exit(1 if failed else 0)


def accuracy(options, state, folder, h):
    """Prints true errors; returns what does not hold of what is expected."""
    failed = []
    expect = lambda holds, text: holds or failed.append(text)
    truth, unreached = state.truth(h), options.expect_unreached
    print("| asked for | route | products | true error | estimate | warnings |\n|---|---|---|---|---|---|")
    limited = ["--max-products", options.products]
    tolerant = ["--field-tolerance", f"{options.tolerance:g}"]
    for flags in [limited] if unreached else [limited, tolerant]:
        value, estimate, products, codes, route = field(options.binary, folder, h, *flags)
        known = value is not None
        error = relative(value, truth) if known else float("nan")
        words = " ".join(str(f) if k % 2 else f"`{f}`" for k, f in enumerate(flags))
        numbers = [f"{error:.1e}" if known else "unknown", "none" if estimate is None else f"{estimate:.1e}"]
        print(f"| {words} | {route} | {products} | {' | '.join(numbers)} | {', '.join(codes) or '–'} |", flush=True)
        if unreached:
            expect("unreached-tolerance" in codes, f"{words}: no warning")
            expect(value is None or estimate is not None, f"{words}: a bare value")
            expect(not known or (estimate is not None and estimate >= error / 3), f"{words}: the estimate is below a third of the error")
        elif flags is limited and options.expect_error is not None:
            expect(error <= options.expect_error, f"{words}: a true error of {error:.1e}")
            expect(products <= options.products, f"{words}: {products} products")
        elif flags is tolerant and options.expect_products is not None:
            expect(products <= options.expect_products, f"{words}: {products} products")
            expect(estimate is not None and estimate >= error, f"{words}: an estimate below the true error")
    if options.accuracy_only:
        for name, products, _, value in peers(state, h, [1e-6]):
            print(f"| {name} | | {products} | {relative(value, truth):.1e} | none | none |", flush=True)
    return failed


def peers(state, h, tolerances):
    """SciPy's fields: name, products, milliseconds, value."""
    for tolerance in tolerances:
        try:
            yield f"SciPy {scipy.__version__} `funm_multiply_krylov`, rtol {tolerance:g}", *state.scipy(h, tolerance)
        except ImportError:
            print("SciPy before 1.17 has no funm_multiply_krylov and is left out", file=sys.stderr)


def times(options, command, state, folder, h):
    x, g = state.x, jnp.asarray(state.g)
    own = common.timed(command, folder, "--h", repr(h), "--max-products", options.products, "gradient", "field")
    gradient = common.milliseconds(lambda: state.gradient_function(x).block_until_ready())
    product = common.milliseconds(lambda: state.product_function(x, g).block_until_ready())
    mine, made = own["field"]["ms"], own["field"]["products"]
    truth = state.truth(h)
    print(f"\n| work | ms | products | to shadowflow's field | true error |\n|---|---|---|---|---|")
    print(f"| **shadowflow**, field | {mine:.4g} | {made} | 1 | see above |")
    print(f"| JAX, gradient | {gradient:.3g} | | shadowflow's takes {own['gradient']['ms'] / gradient:.2f} of it | |")
    print(f"| JAX, Hessian product | {product:.3g} | 1 | a product of the field takes {mine / made / product:.2f} of it | |", flush=True)
    if state.network.count <= DENSE:
        whole = common.milliseconds(lambda: np.linalg.eigh(state.matrix()), seconds=1.0, least=2, most=3)
        print(f"| JAX's whole Hessian and LAPACK's `eigh` | {whole:.4g} | | {whole / mine:.0f} | truth |", flush=True)
    for name, products, took, value in peers(state, h, (1e-6, 1e-9)):
        print(f"| {name} | {took:.4g} | {products} | {took / mine:.2f} | {relative(value, truth):.1e} |", flush=True)


if __name__ == "__main__":
    main()
