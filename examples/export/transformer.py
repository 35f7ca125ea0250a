"""A transformer block with its exported flows on eight virtual devices: memory and collectives counted.

    shadowflow export --target jax --flow bea:2 --output bea2.py     (and igr.py, pf.py, in one folder)
    python examples/export/transformer.py FOLDER

Attention and the feed-forward layer are split over devices by columns and rows, as in Megatron-LM; the rest is on all devices.
Every flow must equal itself on one device and keep the sharding of every parameter.
"""
import os

os.environ["XLA_FLAGS"] = os.environ.get("XLA_FLAGS", "") + " --xla_force_host_platform_device_count=8"
import collections
import importlib.util
import re
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

jax.config.update("jax_enable_x64", True)
WIDTH, HEADS, INNER, LENGTH, BATCH, WORDS = 64, 8, 256, 32, 8, 64
KINDS = "all-reduce|all-gather|collective-permute|all-to-all|reduce-scatter"


def module(folder, name):
    spec = importlib.util.spec_from_file_location(name, Path(folder) / f"{name}.py")
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def start():
    keys = iter(jax.random.split(jax.random.key(0), 8))
    normal = lambda *shape: jax.random.normal(next(keys), shape) / shape[0] ** 0.5
    heads = (WIDTH, HEADS, WIDTH // HEADS)
    return {
        "words": normal(WORDS, WIDTH) * WORDS**0.5, "places": normal(LENGTH, WIDTH),
        "q": normal(*heads), "k": normal(*heads), "v": normal(*heads), "o": normal(WIDTH, WIDTH).reshape(HEADS, -1, WIDTH),
        "up": normal(WIDTH, INNER), "up_bias": jnp.zeros(INNER), "down": normal(INNER, WIDTH),
        "scales": jnp.ones((3, WIDTH)), "shifts": jnp.zeros((3, WIDTH)),
    }  # fmt: skip


SPLIT = {"q": (None, "d"), "k": (None, "d"), "v": (None, "d"), "o": ("d",), "up": (None, "d"), "up_bias": ("d",), "down": ("d",)}


def loss(p, words):
    """The cross-entropy of the next word."""

    def normalised(x, k):
        x = x - x.mean(-1, keepdims=True)
        return x / jnp.sqrt((x**2).mean(-1, keepdims=True) + 1e-5) * p["scales"][k] + p["shifts"][k]

    x = p["words"][words[:, :-1]] + p["places"][: words.shape[1] - 1]
    y = normalised(x, 0)
    q, k, v = (jnp.einsum("bld,dhe->bhle", y, p[name]) for name in "qkv")
    scores = jnp.einsum("bhle,bhme->bhlm", q, k) / q.shape[-1] ** 0.5
    future = jnp.triu(jnp.full(scores.shape[-2:], -1e9), 1)
    x = x + jnp.einsum("bhlm,bhme,hed->bld", jax.nn.softmax(scores + future), v, p["o"])
    x = x + jax.nn.gelu(normalised(x, 1) @ p["up"] + p["up_bias"]) @ p["down"]
    z = normalised(x, 2) @ p["words"].T
    return jnp.mean(jax.nn.logsumexp(z, -1) - jnp.take_along_axis(z, words[:, 1:, None], -1)[..., 0])


def main(folder):
    mesh = Mesh(np.array(jax.devices()), ("d",))
    put = lambda x, *axes: jax.device_put(x, NamedSharding(mesh, PartitionSpec(*axes)))
    p, words = start(), jax.random.randint(jax.random.key(1), (BATCH, LENGTH), 0, WORDS)
    layouts = {
        "parameters split": ({name: put(x, *SPLIT.get(name, ())) for name, x in p.items()}, put(words)),
        "data split": (jax.tree.map(put, p), put(words, "d")),
    }
    print(f"{sum(x.size for x in p.values()):,} parameters; memory of one of {len(jax.devices())} devices in MB, besides parameters")
    options = {"pf": {"products": 12}}
    for name in ("gradient", "igr", "bea2", "pf"):
        field = (lambda p, h, w: jax.grad(loss)(p, w)) if name == "gradient" else module(folder, name).field(loss, **options.get(name, {}))
        alone = jax.jit(field)(p, 0.01, words)
        for layout, (split, batch) in layouts.items():
            compiled = jax.jit(field).lower(split, 0.01, batch).compile()
            got = compiled(split, 0.01, batch)
            error = max(float(np.max(np.abs(np.asarray(got[k]) - np.asarray(alone[k]))) / np.max(np.abs(alone[k]))) for k in p)
            kept = all(got[k].sharding.is_equivalent_to(split[k].sharding, got[k].ndim) for k in p)
            counts = collections.Counter(re.findall(rf" ({KINDS})(?:-start)?[(]", compiled.as_text()))
            memory = compiled.memory_analysis().temp_size_in_bytes / 1e6
            print(f"{name:8} {layout:16} {memory:7.2f} MB  {dict(counts)}  off by {error:.0e}, sharding kept: {kept}", flush=True)
            assert kept and error < 1e-11, (name, layout, error)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1])
