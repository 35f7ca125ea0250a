"""Writes banana.jsonl and several.csv beside it: records of gradient descent in the form that `shadowflow train` has, made without shadowflow.

    python banana.py

The loss is (1 - x)^2 + 10 (y - x^2)^2; derivatives are by hand, the flows are integrated by 400 steps of the classical Runge-Kutta method.
"""

import csv
import json
import pathlib

import numpy

HERE = pathlib.Path(__file__).parent


def loss(t):
    x, y = t
    return (1 - x) ** 2 + 10 * (y - x * x) ** 2


def gradient(t):
    x, y = t
    return numpy.array([-2 * (1 - x) - 40 * x * (y - x * x), 20 * (y - x * x)])


def hessian(t):
    x, y = t
    return numpy.array([[2 - 40 * y + 120 * x * x, -40 * x], [-40 * x, 20.0]])


def spectrum(t):
    values, vectors = numpy.linalg.eigh(hessian(t))
    return values[::-1], vectors[:, ::-1]


def flowed(field, t, h, pieces=400):
    """The state that the flow of a field reaches from t after the time h."""
    dt = h / pieces
    for _ in range(pieces):
        a = field(t)
        b = field(t + dt / 2 * a)
        c = field(t + dt / 2 * b)
        d = field(t + dt * c)
        t = t + dt / 6 * (a + 2 * b + 2 * c + d)
    return t


def row(t, step, h, last, optimizer):
    g, hess = gradient(t), hessian(t)
    values, vectors = spectrum(t)
    along = vectors.T @ g
    signs = numpy.where(along < 0, -1.0, 1.0)
    vectors, along = vectors * signs, along * signs
    z = h * values
    coefficients = numpy.log(1 - z.astype(complex))
    found = {
        "step": step,
        "optimizer": optimizer,
        "loss": float(loss(t)),
        "gradient_norm": float(numpy.linalg.norm(g)),
        "hg_norm": float(numpy.linalg.norm(hess @ g)),
        "lambda": [float(v) for v in values],
        "gradient_along": [float(v) for v in along],
        "stability_coefficients": [[float(c.real), float(c.imag)] for c in coefficients],
    }
    if last:
        return found, None
    after = t - h * g
    ngf = flowed(lambda s: -gradient(s), t, h)
    igr = flowed(lambda s: -gradient(s) - h / 2 * hessian(s) @ gradient(s), t, h)
    found |= {
        "learning_rate": h,
        "update_norm": float(numpy.linalg.norm(after - t)),
        "drift": float(numpy.linalg.norm(after - ngf)),
        "gradient_next_along_0": float(gradient(after) @ vectors[:, 0]),
        "predicted_gradient_along_0": {
            "ngf": float(along[0] * numpy.exp(-z[0])),
            "igr": float(along[0] * numpy.exp(-z[0] - z[0] ** 2 / 2)),
            "pf": float(along[0] * (1 - z[0])),
        },
        "error": {
            "ngf": float(numpy.linalg.norm(ngf - after)),
            "igr": float(numpy.linalg.norm(igr - after)),
        },
    }
    return found, after


def run(h, steps, optimizer="gradient-descent", start=(-0.4, 0.9)):
    t, rows = numpy.array(start), []
    for step in range(steps + 1):
        found, t = row(t, step, h, step == steps, optimizer)
        rows.append(found)
    return rows


def flat(found):
    """One row of JSON as the fields of a row of CSV."""
    out = {}
    for name, value in found.items():
        members = enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else [("", value)]
        for key, member in members:
            field = name if key == "" else f"{name}_{key}"
            if isinstance(member, list):
                out[field + "_re"], out[field + "_im"] = member
            else:
                out[field] = member
    return out


if __name__ == "__main__":
    with open(HERE / "banana.jsonl", "w") as file:
        for found in run(0.045, 60):
            file.write(json.dumps(found) + "\n")
    rows = []
    for h in (0.01, 0.03):
        rows += [flat(found) | {"h_setting": h} for found in run(h, 40)]
    with open(HERE / "several.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
