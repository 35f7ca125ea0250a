"""Exported PyTorch, run where JAX stands in for PyTorch: its arithmetic, on machines without PyTorch (torch_flows.py has PyTorch itself)."""
import sys
import types

import jax
import jax.numpy as jnp
import numpy as np
from common import BANANA, close, evaluated, run, shadowflow

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_disable_most_optimizations", True)


def stand_in():
    torch = types.ModuleType("torch")
    for name in "sqrt where exp log log1p expm1 tanh sinh cosh tan sin cos stack zeros_like ones_like abs sum diag angle maximum round finfo real".split():
        setattr(torch, name, getattr(jnp, name))
    torch.atan, torch.asin, torch.acos, torch.erf = jnp.arctan, jnp.arcsin, jnp.arccos, jax.scipy.special.erf
    torch.amax, torch.linalg = lambda x, axis=None: jnp.max(x, axis), jnp.linalg
    torch.is_complex, torch.conj_physical = jnp.iscomplexobj, jnp.conj
    torch.as_tensor = lambda x, dtype=None, device=None: jnp.asarray(x, dtype)
    torch.arange = lambda n, dtype=None, device=None: jnp.arange(n, dtype=dtype)
    torch.clamp = lambda x, min=None, max=None: jnp.clip(x, min, max)
    torch.broadcast_tensors = lambda *x: jnp.broadcast_arrays(*x)
    torch.func, torch.utils = types.ModuleType("torch.func"), types.ModuleType("torch.utils")
    torch.func.grad, torch.func.jvp = jax.grad, jax.jvp
    torch.utils._pytree = types.ModuleType("torch.utils._pytree")
    torch.utils._pytree.tree_flatten = jax.tree.flatten
    torch.utils._pytree.tree_unflatten = lambda leaves, structure: jax.tree.unflatten(structure, leaves)
    sys.modules |= {"torch": torch, "torch.func": torch.func, "torch.utils": torch.utils, "torch.utils._pytree": torch.utils._pytree}


def exported(*arguments):
    names = {"__name__": "exported"}
    # What JAX's arrays lack.
    source = shadowflow("export", "--target", "torch", *arguments).replace(".detach()", "").replace(", device=theta.device", "")
    exec(compile(source.replace(", device=reach.device", ""), "exported", "exec"), names)
    return names


def banana(p):
    return (1 - p["x"]) ** 2 + 100 * (p["y"] - p["x"] ** 2) ** 2


def test_any_loss():
    start = {"x": jnp.array(-0.9), "y": jnp.array(0.95)}
    for flow, method, h in (
        ("bea:4", "gd", "0.001"),
        ("bea:3", "heavy-ball --momentum 9/10", "0.001"),
        ("pf", "gd", "0.0017"),
        ("pf+np3", "gd", "0.001"),
        ("pf", "nesterov --momentum 9/10", "0.0017"),
    ):
        chosen = ["--method", *method.split()]
        field = exported("--flow", flow, *chosen)["field"](banana, **({"products": 4} if flow[:2] == "pf" else {}))
        got = field(start, float(h))
        want = evaluated(BANANA, flow, h, "x=-0.9,y=0.95", *chosen)
        close(f"{flow} {method}", [got["x"], got["y"]], want, 1e-12)


def test_formulas():
    theta = jnp.array([0.3, -0.7])
    loss = ["--loss", "log(2)*exp(-x^2) + softplus(x*y)^3 + sigmoid(x)*y^2 + abs(x)*relu(y) + erf(y)/3 + atan(x)", "--param", "x, y"]
    got = exported(*loss, "--flow", "bea:2")["field"](theta, 0.05)
    out = np.real(evaluated(loss, "bea:2", "0.05", "x=0.3,y=-0.7"))
    close("bea:2", got, out, 1e-12)
    for flow, method in (("pf", "gd"), ("pf+np3", "gd"), ("pf", "heavy-ball --momentum 1/2")):
        chosen = [BANANA, "--method", *method.split()]
        got = exported(*chosen, "--flow", flow)["field"](jnp.array([-0.9, 0.95]), 0.0017)
        close(f"{flow} {method}", got, evaluated(chosen, flow, "0.0017", "x=-0.9,y=0.95"), 1e-12)


if __name__ == "__main__":
    stand_in()
    run(globals())
