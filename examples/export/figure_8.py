"""Figure 8 of Rosca, Wu, Qin and Dherin (2023) on a small convolutional network, by exported JAX.

    shadowflow export --target jax --flow pf --output pf.py      (and igr.py, ngf.py, in one folder)
    python examples/export/figure_8.py FOLDER [OUTPUT]

Gradient descent on 100 handwritten digits of 8 by 8, at three learning rates. At every step u_0 is the leading eigenvector of
the Hessian and x = g . u_0; a flow with the field f predicts that x is multiplied by exp(h c) until the next step, where
c = lambda_0 (f . u_0)/(g . u_0) if lambda_0 and u_0 stay. Measured is g . u_0 at the next step with this u_0. Writes OUTPUT.csv
and OUTPUT.svg (docs/pictures/export_figure_8 unless told).
"""
import importlib.util
import sys
from pathlib import Path

import jax
import jax.flatten_util
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)
ROOT = Path(__file__).resolve().parents[2]
RATES, STEPS, ROWS = (0.3, 0.5, 0.8), 120, 100


def module(folder, name):
    spec = importlib.util.spec_from_file_location(name, Path(folder) / f"{name}.py")
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def digits():
    rows = np.loadtxt(ROOT / "examples/losses/digits.csv", delimiter=",", max_rows=ROWS)
    return jnp.array(rows[:, :64].reshape(-1, 8, 8, 1) / 16), jnp.array(rows[:, 64].astype(int))


def start():
    keys = jax.random.split(jax.random.key(0), 3)
    normal = lambda key, shape, fan: jax.random.normal(key, shape) / fan**0.5
    return {
        "first": normal(keys[0], (3, 3, 1, 6), 9), "first_bias": jnp.zeros(6),
        "second": normal(keys[1], (3, 3, 6, 8), 54), "second_bias": jnp.zeros(8),
        "last": normal(keys[2], (32, 10), 32), "last_bias": jnp.zeros(10),
    }  # fmt: skip


def loss(p, images, labels):
    """Two convolutions with tanh and mean pooling, and a layer of softmax cross-entropy: 1,032 parameters."""
    convolved = lambda x, w: jax.lax.conv_general_dilated(x, w, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
    pooled = lambda x: x.reshape(x.shape[0], x.shape[1] // 2, 2, x.shape[2] // 2, 2, -1).mean((2, 4))
    x = pooled(jnp.tanh(convolved(images, p["first"]) + p["first_bias"]))
    x = pooled(jnp.tanh(convolved(x, p["second"]) + p["second_bias"]))
    z = x.reshape(len(x), -1) @ p["last"] + p["last_bias"]
    return jnp.mean(jax.nn.logsumexp(z, 1) - z[jnp.arange(len(z)), labels])


def dot(a, b):
    return sum(jnp.sum(x * y) for x, y in zip(jax.tree.leaves(a), jax.tree.leaves(b)))


def main(folder, output):
    flows = {name: module(folder, name).field(loss) for name in ("ngf", "igr")}
    flows["pf"] = module(folder, "pf").field(loss, products=16)
    data = digits()

    @jax.jit
    def leading(p, u):
        """lambda_0 and u_0 from the Krylov space of the last u_0 and the gradient."""
        g, hessian = jax.linearize(lambda p: jax.grad(loss)(p, *data), p)
        flat, back = jax.flatten_util.ravel_pytree(jax.tree.map(lambda a, b: a + 0.1 * b / jnp.sqrt(dot(g, g)), u, g))
        action = lambda v: jax.flatten_util.ravel_pytree(hessian(back(v)))[0]

        def step(state, k):
            basis, v = state
            basis = basis.at[k].set(v / jnp.linalg.norm(v))
            w = action(basis[k])
            a = basis @ w
            for _ in range(2):
                w = w - basis.T @ (basis @ w)
            return (basis, w), a

        (basis, _), columns = jax.lax.scan(step, (jnp.zeros((16, flat.size)), flat), jnp.arange(16))
        projected = jnp.triu(columns.T)
        values, vectors = jnp.linalg.eigh(projected + jnp.triu(projected, 1).T)
        return values[-1], back(vectors[:, -1] @ basis)

    @jax.jit
    def predicted(p, u, value, h):
        g = jax.grad(loss)(p, *data)
        x = dot(g, u)
        rates = [value * dot(jax.tree.map(jnp.real, f(p, h, *data)), u) / x for f in (flows["ngf"], flows["igr"])]
        field = flows["pf"](p, h, *data)
        rates.append(value * dot(field, u) / x)
        after = jax.tree.map(lambda a, b: a - h * b, p, g)
        return x, [x * jnp.exp(h * c) for c in rates], dot(jax.grad(loss)(after, *data), u), after

    rows = []
    for h in RATES:
        p = start()
        u = jax.tree.map(lambda x: jnp.ones_like(x) / 32, p)
        for step in range(STEPS):
            value, u = leading(p, u)
            x, (ngf, igr, pf), measured, p = predicted(p, u, value, h)
            rows.append((h, step, float(h * value), float(x), float(measured), float(ngf), float(igr), float(pf.real)))
    table = np.array(rows)
    head = "h,step,h_lambda_0,g_along_u0,measured,ngf,igr,pf"
    np.savetxt(f"{output}.csv", table, fmt=["%g", "%d"] + ["%.6g"] * 6, delimiter=",", header=head, comments="")
    for h in RATES:
        own = table[(table[:, 0] == h) & (np.abs(table[:, 4]) > 1e-6)]
        errors = [np.median(np.abs(own[:, k] - own[:, 4])) / np.median(np.abs(own[:, 4])) for k in (5, 6, 7)]
        print(f"h = {h}: largest h lambda_0 {own[:, 2].max():.2f}; median error over median size:", end=" ")
        print(", ".join(f"{name} {error:.3f}" for name, error in zip(("ngf", "igr", "pf"), errors)))
    Path(f"{output}.svg").write_text(picture(table))


def picture(table):
    """Predicted against measured, a panel for every learning rate."""
    colours = {"ngf": ("#0072b2", 5), "igr": ("#e69f00", 6), "pf": ("#009e73", 7)}
    side, gap, parts = 220, 60, []
    for at, h in enumerate(RATES):
        own = table[table[:, 0] == h]
        reach = 1.05 * np.max(np.abs(own[:, 4]))
        left = gap + at * (side + gap)
        place = lambda x, y: (left + side * (x + reach) / (2 * reach), 30 + side * (reach - y) / (2 * reach))
        parts.append(f'<rect x="{left}" y="30" width="{side}" height="{side}" fill="none" stroke="#888"/>')
        parts.append(f'<line x1="{left}" y1="{30 + side}" x2="{left + side}" y2="30" stroke="#888" stroke-dasharray="4"/>')
        parts.append(f'<text x="{left + side / 2}" y="20" text-anchor="middle">h = {h:g}</text>')
        parts.append(f'<text x="{left}" y="{48 + side}">{-reach:.2g}</text>')
        parts.append(f'<text x="{left + side}" y="{48 + side}" text-anchor="end">{reach:.2g}</text>')
        for name, (colour, column) in colours.items():
            for row in own:
                x, y = place(row[4], np.clip(row[column], -reach, reach))
                parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.2" fill="{colour}" fill-opacity="0.6"/>')
    width, height = gap + len(RATES) * (side + gap), side + 90
    for k, (name, (colour, _)) in enumerate(colours.items()):
        parts.append(f'<circle cx="{gap + 10 + 70 * k}" cy="{height - 14}" r="4" fill="{colour}"/>')
        parts.append(f'<text x="{gap + 20 + 70 * k}" y="{height - 10}">{name}</text>')
    parts.append(f'<text x="{gap + 240}" y="{height - 10}">across: g . u0 at the next step; up: what the flow predicts</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="11">'
        f'<rect width="{width}" height="{height}" fill="white"/>' + "\n".join(parts) + "</svg>\n"
    )


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else str(ROOT / "docs/pictures/export_figure_8"))
