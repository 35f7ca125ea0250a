"""Exported formulas of losses in C and NumPy (JAX where it is there), beside what the command computes."""
import ctypes
import itertools
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from common import BANANA, NETWORK, close, exported, run, shadowflow

# Functions of every kind, where none of them is at its edge.
MIXED = [
    "--loss",
    "log(2)*exp(-x^2)*sin(y) + sqrt(1 + x^2 + y^2) + erf(x - y)/3 + softplus(x*y)^3 + sigmoid(3*x)*tanh(y)^2 + pi*x^4*y/7"
    " + atan(x)*cos(x*y) + log1p(x^2) + expm1(y/3) + sinh(x)/(2 + cosh(y)) + (2 + x)^(2/3) + 1/(1 + x^2*y^2)^2",
    "--param", "x, y",
]  # fmt: skip
KINKS = ["--loss", "abs(x)*y^2 + relu(x*y)^2 + sign(y)*x^3 + step(x)*y", "--param", "x, y"]
POINT = "x=0.3,y=-0.7"
LOGISTIC = "examples/losses/logistic_regression.loss"
CASES = [
    ([BANANA], "x=-0.9,y=0.95", "bea:6"),
    ([BANANA], "x=-0.9,y=0.95", "principal:5"),
    ([BANANA, "--method", "nesterov", "--momentum", "9/10"], "x=-0.9,y=0.95", "bea:3"),
    ([BANANA, "--method", "rk:gauss2"], "x=-0.9,y=0.95", "bea:4"),
    ([BANANA], "x=-0.9,y=0.95", "igr"),
    ([BANANA], "x=-0.9,y=0.95", "third"),
    ([BANANA], "x=-0.9,y=0.95", "ngf"),
    ([BANANA], "x=-0.9,y=0.95", "pgf"),
    (MIXED, POINT, "bea:4"),
    (KINKS, POINT, "bea:2"),
    ([LOGISTIC], "slope=0.4,bias=-0.3", "bea:3"),
    (["examples/losses/symbolic.loss", "--set", "k=2", "--set", "c=1/10"], POINT, "bea:2"),
    (["--loss", "1/2", "--param", "x"], "x=1", "bea:1"),
    (["--loss", "w[0]^2*w[1] + norm2(w)^2 + dot(A, w)", "--param", "w[2]", "--param", "A[2]"], "w=[0.3,2],A=[1,-1]", "bea:2"),
]


def entries(point):
    return np.concatenate([np.ravel(json.loads(part.split("=")[1])) for part in split(point)]).astype(float)


def split(point):
    parts, depth, start = [], 0, 0
    for at, c in enumerate(point + ","):
        depth += (c == "[") - (c == "]")
        if c == "," and depth == 0:
            parts.append(point[start:at])
            start = at + 1
    return parts


def evaluated(loss, at, flow, h):
    """The field by `eval`: of bea:N and its kin as the sum of orders, the others as a flow."""
    out = shadowflow("eval", *loss, "--order", 0, "--at", at, "--h", h, "--flows", flow, "--format", "json")
    value = json.loads(out)["fields"][flow]["value"]
    return np.array([complex(*pair) for pair in value] if flow[:2] == "pf" else [re for re, _ in value])


def compiled(source, folder=[0]):
    """A C program as a function of (theta, h, constants...)."""
    folder[0] += 1
    place = Path(TEMPORARY.name) / f"flow{folder[0]}"
    place.with_suffix(".c").write_text(source)
    flags = ["-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", "-O2", "-ffp-contract=off", "-shared", "-fPIC"]
    built = subprocess.run(
        ["cc", *flags, str(place.with_suffix(".c")), "-o", str(place.with_suffix(".so")), "-lm"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr + source
    function = ctypes.CDLL(str(place.with_suffix(".so"))).shadow_field

    def field(theta, h, *constants):
        kind = np.complex128 if "complex out" in source else np.float64
        out = np.zeros(len(theta), kind)
        given = [ctypes.c_double(c) for c in constants]
        theta = (ctypes.c_double * len(theta))(*theta)
        function(theta, ctypes.c_double(h), *given, out.ctypes.data_as(ctypes.c_void_p))
        return out

    return field


def test_c_and_numpy_equal_eval():
    for loss, at, flow in CASES:
        h, theta = "0.001" if loss[0] == BANANA else "0.05", entries(at)
        want = evaluated(loss, at, flow, h)
        got = exported(*loss, "--target", "numpy", "--flow", flow)["field"](theta, float(h))
        close(f"numpy {flow} {loss}", got, want, 1e-12)
        if shutil.which("cc"):
            got = compiled(shadowflow("export", *loss, "--target", "c", "--flow", flow))(theta, float(h))
            close(f"c {flow} {loss}", got, want, 1e-12)
    if not shutil.which("cc"):
        print("C is left out: there is no cc")


def test_principal_flows_below_and_beyond_their_branch_points():
    for flow in ("pf", "pf+np3"):
        for loss, at, steps in (([BANANA], "x=-0.9,y=0.95", ("0.0005", "0.0017")), ([NETWORK], None, ("0.4", "9"))):
            for h in steps:
                at = at or network_point()
                theta, want = entries(at), evaluated(loss, at, flow, h)
                got = exported(*loss, "--target", "numpy", "--flow", flow)["field"](theta, float(h))
                close(f"numpy {flow} {loss} {h}", got, want, 1e-12)
                if shutil.which("cc"):
                    got = compiled(shadowflow("export", *loss, "--target", "c", "--flow", flow))(theta, float(h))
                    close(f"c {flow} {loss} {h}", got, want, 1e-12)
    for method in ("heavy-ball --momentum 1/2", "nesterov --momentum 9/10", "rk:rk4", "implicit-euler"):
        loss = [BANANA, "--method", *method.split()]
        for h in ("0.0001", "0.0017"):
            want = evaluated(loss, "x=-0.9,y=0.95", "pf", h)
            got = exported(*loss, "--target", "numpy", "--flow", "pf")["field"](np.array([-0.9, 0.95]), float(h))
            close(f"numpy pf {method} {h}", got, want, 1e-12)
    # Complex points too, and many.
    field = exported(BANANA, "--target", "numpy", "--flow", "pf")["field"]
    points = np.array([[-0.9, 0.95], [0.3, 0.1 + 0.2j]])
    close("one of many", field(points, 0.0017)[1], field(points[1], 0.0017), 1e-13)


def network_point():
    return "W1=[[1,-1],[-1,0.5]],b1=[0,-0.5],W2=[[0.5,-0.5],[-1,1]],b2=[0,0]"


def test_many_points_and_step_sizes_at_once():
    points = np.random.default_rng(0).uniform(-1, 1, (3, 5, 2))
    steps = np.linspace(0.001, 0.002, 15).reshape(3, 5)
    field = exported(BANANA, "--target", "numpy", "--flow", "bea:4")["field"]
    together = field(points, steps)
    assert together.shape == points.shape
    for at in itertools.product(range(3), range(5)):
        close("one of them", together[at], field(points[at], steps[at]), 1e-15)


def test_constants_without_a_value_are_arguments():
    loss = "examples/losses/symbolic.loss"
    want = evaluated([loss, "--set", "k=2", "--set", "c=1/10"], POINT, "bea:2", "0.05")
    field = exported(loss, "--target", "numpy", "--flow", "bea:2")["field"]
    close("numpy", field(entries(POINT), 0.05, k=2, c=0.1), want, 1e-14)
    if shutil.which("cc"):
        field = compiled(shadowflow("export", loss, "--target", "c", "--flow", "bea:2"))
        close("c", field(entries(POINT), 0.05, 2, 0.1), want, 1e-14)


def test_names_of_the_languages_are_avoided():
    names = ["lambda", "in", "int", "double", "y1", "theta", "h", "s0", "np", "f"]
    # Every one of them enters in its own way.
    loss = "+".join(f"{k + 2}*{name}^2" for k, name in enumerate(names))
    chosen = ["--loss", loss, "--param", ",".join(names)]
    theta = np.arange(1.0, 11)
    want = -2 * np.arange(2.0, 12) * theta
    close("numpy", exported(*chosen, "--target", "numpy", "--flow", "ngf")["field"](theta, 0.1), want, 1e-15)
    if shutil.which("cc"):
        close("c", compiled(shadowflow("export", *chosen, "--target", "c", "--flow", "ngf"))(theta, 0.1), want, 1e-15)


def test_trajectories():
    """A fine Runge-Kutta solution of the exported field, beside the simulation."""
    h, steps, parts = 0.0003, 3, 150
    out = shadowflow(
        "simulate", BANANA, "--h", h, "--steps", steps, "--start", "x=-0.9,y=0.95", "--flows", "bea:3", "--tolerance", "1e-13",
        "--format", "json",
    )  # fmt: skip
    want = np.array(json.loads(out)["flows"]["bea:3"]["trajectory"])[..., 0]

    def followed(field, parts):
        y, t = np.array([-0.9, 0.95]), h / parts
        found = [y]
        for _ in range(steps):
            for _ in range(parts):
                a = field(y, h)
                b = field(y + t / 2 * a, h)
                c = field(y + t / 2 * b, h)
                y = y + t / 6 * (a + 2 * b + 2 * c + field(y + t * c, h))
            found.append(y)
        return np.array(found)

    fields = {"numpy": exported(BANANA, "--target", "numpy", "--flow", "bea:3")["field"]}
    if shutil.which("cc"):
        fields["c"] = compiled(shadowflow("export", BANANA, "--target", "c", "--flow", "bea:3"))
    for name, field in fields.items():
        fine, coarse = followed(field, 2 * parts), followed(field, parts)
        close(name, fine + (fine - coarse) / 15, want, 1e-11)


def weights(loss, seed=0):
    """Start values of a network, as the loss file draws them, by parameter."""
    out = json.loads(shadowflow("eval", loss, "--order", 0, "--format", "json", "--all", "--seed", seed))
    shapes = {}
    for name, value in zip(out["parameters"], out["at"]):
        base, _, rest = name.partition("[")
        index = tuple(int(k) for k in rest.rstrip("]").split(",")) if rest else ()
        shapes.setdefault(base, {})[index] = value
    arrays = {}
    for base, values in shapes.items():
        array = np.zeros([1 + max(axis) for axis in zip(*values)])
        for index, value in values.items():
            array[index] = value
        arrays[base] = array
    return arrays


def ravelled(tree):
    return np.concatenate([np.ravel(x) for x in tree.values()])


def test_networks_keep_their_arrays_whole():
    for loss, flow, h in (("examples/losses/iris.loss", "bea:3", "0.5"), ("examples/losses/iris_squared.loss", "principal:3", "0.1")):
        out = shadowflow("eval", loss, "--order", 0, "--h", h, "--flows", flow, "--format", "json", "--all")
        want = np.array(json.loads(out)["fields"][flow]["value"])[:, 0]
        params = weights(loss)
        module = exported(loss, "--target", "numpy", "--flow", flow)
        got = module["field"](params, float(h))
        assert {name: x.shape for name, x in got.items()} == {name: x.shape for name, x in params.items()}
        close(f"numpy {loss} {flow}", ravelled(got), want, 1e-12)


def test_jax_has_the_same_formulas():
    try:
        import jax
    except ImportError:
        print("JAX is left out: it is not there")
        return
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_disable_most_optimizations", True)
    for loss, at, flow in CASES[:1] + CASES[8:11]:
        h, theta = "0.001" if loss[0] == BANANA else "0.05", entries(at)
        field = jax.jit(exported(*loss, "--target", "jax", "--flow", flow)["field"])
        close(f"jax {flow} {loss}", field(theta, float(h)), evaluated(loss, at, flow, h), 1e-12)
        points = jnp.stack([theta, theta + 0.1])
        mapped = jax.vmap(field, (0, None))(points, float(h))
        close("mapped", field(points, float(h)), mapped, 1e-13)
        e = 1e-6
        slope = jax.jacfwd(lambda h: field(theta, h))(float(h))
        close("d/dh", slope, (field(theta, float(h) + e) - field(theta, float(h) - e)) / (2 * e), 1e-5)
    loss, flow, h = "examples/losses/iris.loss", "bea:2", 0.5
    params = weights(loss)
    want = exported(loss, "--target", "numpy", "--flow", flow)["field"](params, h)
    got = jax.jit(exported(loss, "--target", "jax", "--flow", flow)["field"])(params, h)
    # JAX sorts the keys of dictionaries.
    close("jax, a network", ravelled({name: got[name] for name in want}), ravelled(want), 1e-13)
    single = jax.tree.map(lambda x: jnp.asarray(x, jnp.float32), params)
    got = exported(loss, "--target", "jax", "--flow", flow)["field"](single, h)
    assert {x.dtype for x in got.values()} == {np.dtype("float32")}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        TEMPORARY = type("Place", (), {"name": folder})
        run(globals())
