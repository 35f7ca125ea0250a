"""Exported JAX on eight virtual devices: parameters and data sharded, as on one device, and how they talk to each other."""
import os

os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=8"
import collections
import re

import jax
import jax.numpy as jnp
import numpy as np
from common import exported, run
from jax.sharding import Mesh, NamedSharding, PartitionSpec

jax.config.update("jax_enable_x64", True)
MESH = Mesh(np.array(jax.devices()), ("d",))
KINDS = "all-reduce|all-gather|collective-permute|all-to-all|reduce-scatter"


def put(x, *axes):
    return jax.device_put(x, NamedSharding(MESH, PartitionSpec(*axes)))


def collectives(compiled):
    """How many there are of each kind in a compiled program; those in a loop count once."""
    return dict(collections.Counter(re.findall(rf" ({KINDS})(?:-start)?[(]", compiled.as_text())))


def problem():
    keys = jax.random.split(jax.random.key(1), 4)
    params = {"W": jax.random.normal(keys[0], (64, 256)) / 8, "b": jnp.zeros(256)}
    params |= {"V": jax.random.normal(keys[1], (256, 8)) / 16, "c": jnp.zeros(8)}
    x, y = jax.random.normal(keys[2], (256, 64)), jax.random.normal(keys[3], (256, 8))

    def loss(p, x, y):
        return jnp.mean(jnp.sum((jnp.tanh(x @ p["W"] + p["b"]) @ p["V"] + p["c"] - y) ** 2, -1))

    return loss, params, x, y


def test_eight_devices():
    assert len(jax.devices()) == 8
    loss, params, x, y = problem()
    by_columns = {"W": put(params["W"], None, "d"), "b": put(params["b"], "d"), "V": put(params["V"], "d"), "c": put(params["c"])}
    layouts = {
        "data": (jax.tree.map(put, params), put(x, "d"), put(y, "d")),
        "parameters": (by_columns, put(x), put(y)),
    }
    for flow in ("gradient", "bea:2", "bea:4", "pf"):
        if flow == "gradient":
            field = lambda p, h, x, y: jax.grad(loss)(p, x, y)
        else:
            options = {"products": 12} if flow == "pf" else {}
            field = exported("--target", "jax", "--flow", flow)["field"](loss, **options)
        compiled = jax.jit(field)
        alone = compiled(params, 0.05, x, y)
        for name, (p, *batch) in layouts.items():
            # Compiled for what comes in, so that the collectives counted are those that run.
            sharded = compiled.lower(p, 0.05, *batch).compile()
            got = sharded(p, 0.05, *batch)
            for key in params:
                size = np.max(np.abs(alone[key]))
                error = np.max(np.abs(np.asarray(got[key]) - np.asarray(alone[key]))) / size
                assert error <= 1e-14, (flow, name, key, error)
                assert got[key].sharding.is_equivalent_to(p[key].sharding, got[key].ndim), (flow, name, key, got[key].sharding)
            print(f"{flow}, {name} sharded: {collectives(sharded)}")


if __name__ == "__main__":
    run(globals())
