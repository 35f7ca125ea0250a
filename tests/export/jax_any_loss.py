"""Exported JAX for any loss, beside what the command computes."""
import json

import jax
import jax.numpy as jnp
import numpy as np
from common import BANANA, NETWORK, close, evaluated, exported, run, shadowflow

jax.config.update("jax_enable_x64", True)
# Programs run once each here, so that most of the time would go into compiling them well.
jax.config.update("jax_disable_most_optimizations", True)


def banana(p):
    return (1 - p["x"]) ** 2 + 100 * (p["y"] - p["x"] ** 2) ** 2


def network(p):
    """examples/losses/exclusive_or.loss"""
    x = jnp.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    label = jnp.array([0, 1, 1, 0])
    z = jnp.tanh(x @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"]
    top = jnp.max(z.real, 1)  # jax.nn.logsumexp has no holomorphic derivative
    return jnp.mean(jnp.log(jnp.sum(jnp.exp(z - top[:, None]), 1)) + top - z[jnp.arange(4), label])


START = {"x": jnp.array(-0.9), "y": jnp.array(0.95)}
WEIGHTS = {
    "W1": jnp.array([[1, -1], [-1, 0.5]]),
    "b1": jnp.array([0, -0.5]),
    "W2": jnp.array([[0.5, -0.5], [-1, 1]]),
    "b2": jnp.zeros(2),
}


def flat(tree, names=("W1", "b1", "W2", "b2")):
    """The entries in the order of the loss file."""
    return np.concatenate([np.ravel(tree[name]) for name in names])


def test_values_of_all_kinds_of_flows_and_optimizers():
    for flow in ("bea:3", "principal:4", "igr", "third", "ngf", "pgf", "pf+np3"):
        for method in ("gd", "heavy-ball --momentum 9/10", "rk:rk4", "examples/optimizers/bdf2.toml"):
            if method == "gd" or flow in ("bea:3", "principal:4"):
                compared(flow, method, "0.001")
    # Below the first branch point, between, and beyond 1.
    for method in ("gd", "heavy-ball --momentum 9/10", "nesterov --momentum 9/10", "rk:gauss2"):
        compared("pf", method, "0.00001", "0.001", "0.0017")


def compared(flow, method, *steps):
    chosen = ["--method", *method.split()]
    field = exported("--target", "jax", "--flow", flow, *chosen)["field"](banana)
    field = jax.jit(field) if len(steps) > 1 else field
    for h in steps:
        want = evaluated(BANANA, flow, h, "x=-0.9,y=0.95", *chosen)
        close(f"{method} {flow} {h}", flat(field(START, float(h)), ("x", "y")), want, 1e-12)


def test_a_network():
    for flow, h in (("bea:4", "0.3"), ("bea:5", "0.3"), ("pf+np3", "9")):
        field = jax.jit(exported("--target", "jax", "--flow", flow)["field"](network))
        close(f"{flow} {h}", flat(field(WEIGHTS, float(h))), evaluated(NETWORK, flow, h, None), 1e-12)


def test_hyper_parameters_are_arguments():
    mixed = "examples/optimizers/partial-look-ahead.toml"
    for flow in ("bea:2", "pf"):
        field = exported("--target", "jax", "--flow", flow, "--method", mixed)["field"]
        want = evaluated(BANANA, flow, "0.001", "x=-0.9,y=0.95", "--method", mixed, "--set", "m=1/2", "--set", "beta=1/4")
        close(flow, flat(field(banana, m=0.5, beta=0.25)(START, 0.001), ("x", "y")), want, 1e-12)
        # They are run-time inputs with derivatives.
        at = jax.jit(lambda m: flat_sum(field(banana)(START, 0.001, m=m, beta=0.25)))
        difference = (at(0.5 + 1e-6) - at(0.5 - 1e-6)) / 2e-6
        close(f"{flow}, d/dm", jax.grad(at)(0.5), difference, 1e-6)


def flat_sum(tree):
    return sum(jnp.sum(jnp.real(x)) for x in jax.tree.leaves(tree))


def test_derivatives_in_h_and_in_parameters():
    """That of a step's loss; with 32 products in 12 parameters the residual vanishes long before the last."""
    jax.config.update("jax_disable_most_optimizations", False)
    for flow, h, options in (("bea:2", 0.3, {}), ("pf", 9.0, {}), ("pf", 0.4, {"products": 5})):
        field = exported("--target", "jax", "--flow", flow)["field"](network, **options)

        def after(h, shift):
            p = jax.tree.map(lambda x: x + shift * jnp.cos(1 + jnp.arange(x.size)).reshape(x.shape), WEIGHTS)
            return network(jax.tree.map(lambda x, v: x + h * jnp.real(v), p, field(p, h)))

        run, slope = jax.jit(after), jax.jit(jax.grad(after, (0, 1)))
        in_h, in_shift = slope(h, 0.1)
        e = 1e-5
        close(f"{flow} {h}, d/dh", in_h, (run(h + e, 0.1) - run(h - e, 0.1)) / (2 * e), 1e-6)
        close(f"{flow} {h}, d/dp", in_shift, (run(h, 0.1 + e) - run(h, 0.1 - e)) / (2 * e), 1e-6)


def test_gradients_are_finite_at_once_where_nothing_is_left():
    """A loss whose gradient lies in an eigenspace, and one whose gradient is 0."""
    field = exported("--target", "jax", "--flow", "pf")["field"]
    loss = lambda p: jnp.sum(p**2)
    for start in (jnp.array([3.0, 4.0, 0.0]), jnp.zeros(3)):
        got = jax.jit(field(loss))(start, 0.25)
        close("the field", got, np.log(0.5) / 0.25 * np.asarray(start) + 0j, 1e-13)
        slope = jax.jit(jax.grad(lambda p, h: flat_sum(field(loss)(p, h)), (0, 1)))(start, 0.25)
        assert all(np.all(np.isfinite(x)) for x in slope), (start, slope)


def test_many_starts_at_once():
    starts = jax.tree.map(lambda x: x + 0.1 * jnp.arange(5.0), START)
    for flow in ("bea:4", "pf"):
        field = jax.jit(exported("--target", "jax", "--flow", flow)["field"](banana))
        together = jax.vmap(field, (0, None))(starts, 0.0003)
        for k in range(5):
            alone = field(jax.tree.map(lambda x: x[k], starts), 0.0003)
            close(flow, flat(jax.tree.map(lambda x: x[k], together), ("x", "y")), flat(alone, ("x", "y")), 1e-13)


def test_complex_parameters():
    """The field is analytic: at real parameters as of real ones, and along i its derivative turned."""
    for flow in ("bea:2", "pf"):
        field = jax.jit(exported("--target", "jax", "--flow", flow)["field"](network))
        for h in (0.4, 9.0):
            real, at = field(WEIGHTS, h), jax.tree.map(lambda x: x + 0j, WEIGHTS)
            close(f"{flow} {h}", flat(field(at, h)), flat(real), 1e-12)
            e = 1e-4
            along = lambda d: flat(field(jax.tree.map(lambda x: x + d, at), h))
            close(f"{flow} {h}, along i", (along(1j * e) - along(-1j * e)) / 1j, along(e) - along(-e), 1e-4)


def test_the_estimate_is_the_difference_to_eight_products_less():
    exports = exported("--target", "jax", "--flow", "pf")
    for h in (9.0,):
        field = exports["field"](network, products=11)
        value, estimate = field.with_estimate(WEIGHTS, h)
        before = exports["field"](network, products=3)(WEIGHTS, h)
        close("the estimate", estimate, np.linalg.norm(flat(value) - flat(before)), 1e-10)
        again = exports["field"].with_estimate(network, products=11)(WEIGHTS, h)
        close("by the module's own", again[1], estimate, 1e-10)
    _, estimate = exports["field"](network).with_estimate(WEIGHTS, 0.4)
    assert estimate < 1e-13, estimate


def trajectory(field, state, h, steps, parts):
    """Classical Runge-Kutta steps, and what they extrapolate to."""

    def by(parts):
        t = h / parts

        def part(_, y):
            a = field(y, h)
            b = field(y + t / 2 * a, h)
            c = field(y + t / 2 * b, h)
            d = field(y + t * c, h)
            return y + t / 6 * (a + 2 * b + 2 * c + d)

        def step(y, _):
            y = jax.lax.fori_loop(0, parts, part, y)
            return y, y

        return jax.jit(lambda y: jax.lax.scan(step, y, None, length=steps)[1])(state)

    fine, coarse = by(2 * parts), by(parts)
    return fine + (fine - coarse) / 15


def test_trajectories():
    loss = lambda p: (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2
    for flow, h, start in (("bea:3", "0.0003", (-0.9, 0.95)), ("pf", "0.0018", (0.9, 0.79))):
        out = shadowflow(
            "simulate", BANANA, "--h", h, "--steps", 3, "--start", f"x={start[0]},y={start[1]}", "--flows", flow,
            "--tolerance", "1e-13", "--format", "json",
        )  # fmt: skip
        want = np.array(json.loads(out)["flows"][flow]["trajectory"])[1:]
        field = exported("--target", "jax", "--flow", flow)["field"](loss)
        got = trajectory(field, jnp.array(start) + 0j, float(h), 3, 80)
        close(f"{flow} {h}", got, want[..., 0] + 1j * want[..., 1], 1e-11)


def test_single_precision_stays_single():
    single = jax.tree.map(lambda x: x.astype(jnp.float32), WEIGHTS)
    for flow in ("bea:4", "pf"):
        field = jax.jit(exported("--target", "jax", "--flow", flow)["field"](network))
        got = field(single, 0.4)
        assert {x.dtype for x in jax.tree.leaves(got)} == {np.dtype("float32" if flow == "bea:4" else "complex64")}
        close(flow, flat(got), flat(field(WEIGHTS, 0.4)), 2e-5)


def test_the_cost_of_order_four():
    """At most 20 gradients in XLA's own count, on a 64-256-8 perceptron; so many were promised."""
    keys = jax.random.split(jax.random.key(1), 4)
    p = {"W": jax.random.normal(keys[0], (64, 256)) / 8, "b": jnp.zeros(256)}
    p |= {"V": jax.random.normal(keys[1], (256, 8)) / 16, "c": jnp.zeros(8)}
    x, y = jax.random.normal(keys[2], (256, 64)), jax.random.normal(keys[3], (256, 8))

    def loss(p, x, y):
        return jnp.mean(jnp.sum((jnp.tanh(x @ p["W"] + p["b"]) @ p["V"] + p["c"] - y) ** 2, -1))

    jax.config.update("jax_disable_most_optimizations", False)

    def flops(f, *arguments):
        return jax.jit(f).lower(*arguments).compile().cost_analysis()["flops"]

    gradient = flops(jax.grad(loss), p, x, y)
    costs = {}
    for order in (2, 4):
        field = exported("--target", "jax", "--flow", f"bea:{order}")["field"](loss)
        costs[order] = flops(field, p, 0.05, x, y) / gradient
    print("gradients in XLA's count:", ", ".join(f"bea:{order} {cost:.2f}" for order, cost in costs.items()))
    assert costs[4] <= 20, costs


if __name__ == "__main__":
    run(globals())
