"""Exported PyTorch, run by PyTorch, beside what the command computes."""
import json

import numpy as np
import torch
from common import BANANA, NETWORK, close, evaluated, exported, run, shadowflow
from formulas import CASES, entries
from formulas import evaluated as evaluated_at

torch.set_default_dtype(torch.float64)


def banana(p):
    return (1 - p["x"]) ** 2 + 100 * (p["y"] - p["x"] ** 2) ** 2


def network(p):
    """examples/losses/exclusive_or.loss"""
    dtype = p["W1"].dtype
    x = torch.tensor([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=dtype)
    z = torch.tanh(x @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"]
    return torch.nn.functional.cross_entropy(z, torch.tensor([0, 1, 1, 0]))


def start(dtype=torch.float64):
    return {"x": torch.tensor(-0.9, dtype=dtype), "y": torch.tensor(0.95, dtype=dtype)}


def weights(dtype=torch.float64):
    values = {"W1": [[1, -1], [-1, 0.5]], "b1": [0, -0.5], "W2": [[0.5, -0.5], [-1, 1]], "b2": [0, 0]}
    return {name: torch.tensor(value, dtype=dtype) for name, value in values.items()}


def flat(tree):
    """The entries in the order of the loss file."""
    return np.concatenate([np.ravel(leaf.detach().numpy()) for leaf in tree.values()])


def exported_field(flow, *method):
    return exported("--target", "torch", "--flow", flow, *method)["field"]


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
    field = exported_field(flow, *chosen)(banana)
    for h in steps:
        want = evaluated(BANANA, flow, h, "x=-0.9,y=0.95", *chosen)
        close(f"{method} {flow} {h}", flat(field(start(), float(h))), want, 1e-12)


def test_a_network():
    for flow, h in (("bea:4", "0.3"), ("bea:5", "0.3"), ("pf+np3", "9"), ("pf", "0.4")):
        got = exported_field(flow)(network)(weights(), float(h))
        close(f"{flow} {h}", flat(got), evaluated(NETWORK, flow, h, None), 1e-12)


def test_a_module():
    """A torch.nn.Module through torch.func.functional_call, as the module's head says."""
    model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Tanh(), torch.nn.Linear(2, 2))
    w = weights()
    with torch.no_grad():
        for parameter, value in zip(model.parameters(), (w["W1"].T, w["b1"], w["W2"].T, w["b2"])):
            parameter.copy_(value)
    x, label = torch.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]]), torch.tensor([0, 1, 1, 0])
    loss = lambda p, x, label: torch.nn.functional.cross_entropy(torch.func.functional_call(model, p, x), label)
    params = dict(model.named_parameters())
    for flow, h in (("bea:3", 0.3), ("pf", 0.4)):
        got = exported_field(flow)(loss)(params, h, x, label)
        assert got.keys() == params.keys()
        want = exported_field(flow)(network)(w, h)
        turned = [v.T if v.ndim == 2 else v for v in got.values()]
        close(flow, flat(dict(enumerate(turned))), flat(want), 1e-13)


def test_derivatives_in_h_and_in_parameters():
    """That of a step's loss; with 32 products in 12 parameters the residual vanishes long before the last."""
    for flow, h, options in (("bea:2", 0.3, {}), ("pf", 9.0, {}), ("pf", 0.4, {"products": 5})):
        field = exported_field(flow)(network, **options)

        def after(h, shift):
            p = {k: x + shift * torch.cos(1 + torch.arange(x.numel())).reshape(x.shape) for k, x in weights().items()}
            v = field(p, h)
            return network({k: x + h * torch.real(v[k]) for k, x in p.items()})

        number = lambda x: torch.tensor(x, dtype=torch.float64)
        in_h, in_shift = torch.func.grad(after, (0, 1))(number(h), number(0.1))
        e = 1e-5
        difference = lambda a, b: (a - b) / (2 * e)
        close(f"{flow} {h}, d/dh", in_h, difference(after(number(h + e), 0.1), after(number(h - e), 0.1)), 1e-6)
        close(f"{flow} {h}, d/dp", in_shift, difference(after(number(h), 0.1 + e), after(number(h), 0.1 - e)), 1e-6)


def test_gradients_are_finite_at_once_where_nothing_is_left():
    """A loss whose gradient lies in an eigenspace, and one whose gradient is 0."""
    field = exported_field("pf")(lambda p: torch.sum(p**2))
    for at in (torch.tensor([3.0, 4.0, 0.0]), torch.zeros(3)):
        h = torch.tensor(0.25)
        close("the field", field(at, h), np.log(0.5) / 0.25 * at.numpy() + 0j, 1e-13)
        slopes = torch.func.grad(lambda p, h: torch.sum(torch.real(field(p, h))), (0, 1))(at, h)
        assert all(torch.all(torch.isfinite(x)) for x in slopes), (at, slopes)


def test_many_starts_at_once():
    starts = {k: x + 0.1 * torch.arange(5.0) for k, x in start().items()}
    for flow in ("bea:4", "pf"):
        field = exported_field(flow)(banana)
        together = torch.func.vmap(field, (0, None))(starts, 0.0003)
        for k in range(5):
            alone = field({name: x[k] for name, x in starts.items()}, 0.0003)
            close(flow, flat({name: x[k] for name, x in together.items()}), flat(alone), 1e-13)


def test_complex_parameters():
    """The field is analytic: at real parameters as of real ones, and along i its derivative turned."""
    for flow, h in (("bea:2", 0.4), ("bea:3", 0.4), ("pf", 0.4), ("pf", 9.0)):
        field = exported_field(flow)(analytic_network)
        at = {k: x + 0j for k, x in weights().items()}
        real = exported_field(flow)(network)(weights(), h)
        close(f"{flow} {h}", flat(field(at, h)), flat(real), 1e-12)
        e = 1e-4
        along = lambda d: flat(field({k: x + d for k, x in at.items()}, h))
        close(f"{flow} {h}, along i", (along(1j * e) - along(-1j * e)) / 1j, along(e) - along(-e), 1e-4)
    # Formulas of a loss too.
    for flow in ("bea:3", "pf"):
        field = exported(BANANA, "--target", "torch", "--flow", flow)["field"]
        at = torch.tensor([-0.9, 0.95])
        close(f"{flow} of a loss", field(at + 0j, 0.0017), field(at, 0.0017), 1e-12)
        e = 1e-4
        along = lambda d: field(at + d * torch.tensor([1.0, -2.0]), 0.0017)
        close(f"{flow} of a loss, along i", (along(1j * e) - along(-1j * e)) / 1j, along(e) - along(-e), 1e-4)


def analytic_network(p):
    """The same loss, of complex weights."""
    x = torch.tensor([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=p["W1"].dtype)
    z = torch.tanh(x @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"]
    return torch.mean(torch.log(torch.sum(torch.exp(z), 1)) - z[torch.arange(4), torch.tensor([0, 1, 1, 0])])


def test_single_precision_stays_single():
    for flow in ("bea:4", "pf"):
        field = exported_field(flow)(network)
        got = field(weights(torch.float32), 0.4)
        assert {x.dtype for x in got.values()} == {torch.float32 if flow == "bea:4" else torch.complex64}
        close(flow, flat(got), flat(field(weights(), 0.4)), 2e-5)


def test_formulas_of_losses():
    for loss, at, flow in CASES:
        h = "0.001" if loss[0] == BANANA else "0.05"
        theta = torch.tensor(entries(at))
        got = exported(*loss, "--target", "torch", "--flow", flow)["field"](theta, float(h))
        close(f"{flow} {loss}", got, evaluated_at(loss, at, flow, h), 1e-12)
    for flow, method in (("pf", "gd"), ("pf+np3", "gd"), ("pf", "heavy-ball --momentum 1/2"), ("pf", "nesterov --momentum 9/10")):
        chosen = [BANANA, "--method", *method.split()]
        field = exported(*chosen, "--target", "torch", "--flow", flow)["field"]
        want = evaluated(chosen, flow, "0.0017", "x=-0.9,y=0.95")
        close(f"{flow} {method}", field(torch.tensor([-0.9, 0.95]), 0.0017), want, 1e-12)


def test_formulas_take_many_points_and_have_derivatives():
    points = torch.tensor(np.random.default_rng(0).uniform(-1, 1, (3, 5, 2)))
    steps = torch.linspace(0.0001, 0.0003, 15).reshape(3, 5)
    for flow in ("bea:4", "pf"):
        field = exported(BANANA, "--target", "torch", "--flow", flow)["field"]
        together = field(points, steps)
        assert together.shape == points.shape
        close(flow, together[1, 2], field(points[1, 2], steps[1, 2]), 1e-13)
        mapped = torch.func.vmap(torch.func.vmap(field))(points, steps)
        close(f"{flow}, mapped", together, mapped, 1e-13)
        h, e = torch.tensor(0.0003), 1e-7
        slope = torch.func.jacfwd(lambda h: torch.real(field(points[0, 0], h)))(h)
        difference = torch.real(field(points[0, 0], h + e) - field(points[0, 0], h - e)) / (2 * e)
        close(f"{flow}, d/dh", slope, difference, 1e-5)


def test_trajectories():
    h, steps, parts = 0.0003, 3, 100
    out = shadowflow(
        "simulate", BANANA, "--h", h, "--steps", steps, "--start", "x=-0.9,y=0.95", "--flows", "bea:3", "--tolerance", "1e-13",
        "--format", "json",
    )  # fmt: skip
    want = np.array(json.loads(out)["flows"]["bea:3"]["trajectory"])[..., 0]
    field = exported("--target", "torch", "--flow", "bea:3")["field"](lambda p: (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2)

    def followed(parts):
        y, t, found = torch.tensor([-0.9, 0.95]), h / parts, []
        for _ in range(steps):
            for _ in range(parts):
                a = field(y, h)
                b = field(y + t / 2 * a, h)
                c = field(y + t / 2 * b, h)
                y = y + t / 6 * (a + 2 * b + 2 * c + field(y + t * c, h))
            found.append(y.numpy())
        return np.array(found)

    fine, coarse = followed(2 * parts), followed(parts)
    close("bea:3", fine + (fine - coarse) / 15, want[1:], 1e-11)


if __name__ == "__main__":
    print(f"PyTorch {torch.__version__}")
    run(globals())
