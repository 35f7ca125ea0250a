"""What exported flows of a perceptron with 10^7 parameters cost on a GPU, beside the bare gradient: four minutes at most.

    shadowflow export --target jax --flow bea:2 --output bea2.py     (and bea4.py, pf.py, in one folder)
    python examples/export/gpu_mlp.py FOLDER

Prints the card, and for float64, float32 and float32 with matrices multiplied precisely the time of one field, in milliseconds and in gradients,
compiling left out, the memory used for what lies between, and how far single precision is from double. Without a GPU it says so and stops;
--cpu runs it all the same with a hundredth of the parameters, to see that it works.
"""
import importlib.util
import sys
import time
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)
SECONDS = 240


def module(folder, name):
    spec = importlib.util.spec_from_file_location(name, Path(folder) / f"{name}.py")
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def loss(p, x, y):
    for k in range(len(p) // 2 - 1):
        x = jnp.tanh(x @ p[f"W{k}"] + p[f"b{k}"])
    k = len(p) // 2 - 1
    return jnp.mean(jnp.sum((x @ p[f"W{k}"] + p[f"b{k}"] - y) ** 2, -1))


def problem(sizes, rows, dtype):
    keys = jax.random.split(jax.random.key(0), len(sizes) + 1)
    p = {}
    for k, (m, n) in enumerate(zip(sizes, sizes[1:])):
        p |= {f"W{k}": (jax.random.normal(keys[k], (m, n)) / m**0.5).astype(dtype), f"b{k}": jnp.zeros(n, dtype)}
    x, y = (jax.random.normal(key, (rows, n)).astype(dtype) for key, n in zip(keys[-2:], (sizes[0], sizes[-1])))
    return p, x, y


# What is run: a type of numbers, how precisely matrices are multiplied in it (JAX's own choice for float32 on recent cards is TF32, 10 bits), and
# in which order, the longest to compile last.
RUNS = (
    ("float64", None, ("gradient", "bea2", "bea4", "pf")),
    ("float32", None, ("gradient", "bea2", "bea4", "pf")),
    ("float32", "highest", ("gradient", "bea2", "pf", "bea4")),
)


def off(value, exact):
    """The relative distance of a field from the one in double precision."""
    size = lambda a: np.sum(np.abs(a) ** 2)
    return (sum(size(value[k].astype(exact[k].dtype) - exact[k]) for k in exact) / sum(map(size, exact.values()))) ** 0.5


def main(folder, small):
    began = time.monotonic()
    sizes, rows = ((784, 128, 10), 64) if small else ((784, 3000, 2500, 10), 512)
    print(f"device: {jax.devices()[0].device_kind}; JAX {jax.__version__}")
    exact = {}
    for dtype, precision, names in RUNS:
        p, x, y = problem(sizes, rows, dtype)
        print(f"{dtype}, matrices multiplied as {precision or 'JAX chooses'}: {sum(a.size for a in p.values()):,} parameters, {rows} rows")
        base = None
        for name in names:
            if time.monotonic() - began > SECONDS - 40:
                print(f"  {name}: left out, the four minutes are over")
                continue
            options = {"products": 16} if name == "pf" else {}
            field = (lambda p, h, x, y: jax.grad(loss)(p, x, y)) if name == "gradient" else module(folder, name).field(loss, **options)
            before = time.monotonic()
            with jax.default_matmul_precision(precision):
                compiled = jax.jit(field).lower(p, jnp.asarray(0.01, dtype), x, y).compile()
            compiling = time.monotonic() - before
            run = lambda: jax.block_until_ready(compiled(p, jnp.asarray(0.01, dtype), x, y))
            value = run()
            assert all(np.all(np.isfinite(a)) for a in jax.tree.leaves(value)), name
            if dtype == "float64":
                exact[name] = jax.tree.map(np.asarray, value)
            times = []
            while len(times) < 3 or (len(times) < 50 and sum(times) < 2):
                before = time.monotonic()
                run()
                times.append(time.monotonic() - before)
            best = min(times)
            base = base or best
            memory = compiled.memory_analysis()
            temporary = getattr(memory, "temp_size_in_bytes", 0) / 2**20
            error = f"  off by {off(jax.tree.map(np.asarray, value), exact[name]):.0e}" if dtype != "float64" and name in exact else ""
            print(
                f"  {name:8} {1e3 * best:9.3f} ms  {best / base:6.1f} gradients  {temporary:8.0f} MiB  compiled in {compiling:.1f} s{error}",
                flush=True,
            )


if __name__ == "__main__":
    arguments = [a for a in sys.argv[1:] if a != "--cpu"]
    if not arguments:
        sys.exit(__doc__)
    if "--cpu" not in sys.argv and jax.default_backend() != "gpu":
        print(f"there is no GPU here (JAX runs on {jax.default_backend()}); --cpu tries it with few parameters")
        sys.exit(0)
    main(arguments[0], "--cpu" in sys.argv)
