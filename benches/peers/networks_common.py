"""What the comparisons on networks share: the networks in JAX, their loss files, processes that are timed.

JAX gets one thread; call `one_thread` before it is imported.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def one_thread():
    """One thread for NumPy's and SciPy's libraries and for JAX, on the processor, in doubles."""
    os.environ.update({name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")})
    os.environ["JAX_PLATFORMS"] = "cpu"
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    import jax

    jax.config.update("jax_enable_x64", True)


def digits():
    """The path of the digits' table: 1,797 rows of 64 pixels from 0 to 16 and a label."""
    found = sorted(ROOT.glob("examples/**/digits.csv"))
    if not found:
        sys.exit("there is no digits.csv under examples/: name one with --data")
    return found[0]


class Network:
    """A tanh network with softmax cross-entropy over all rows, as a function of flat parameters and as a loss file.

    The flat order is shadowflow's: W0, b0, W1, b1, …, each row by row.
    """

    def __init__(self, sizes, inputs, labels, start, table=None, scale=1):
        self.sizes, self.inputs, self.labels, self.scale = sizes, inputs, labels, scale
        self.table = table
        self.start = start
        self.shapes = [shape for m, n in zip(sizes, sizes[1:]) for shape in ((m, n), (n,))]
        self.count = sum(m * n + n for m, n in zip(sizes, sizes[1:]))

    def arrays(self, flat):
        """The arrays W0, b0, W1, … of a flat vector."""
        out, at = [], 0
        for shape in self.shapes:
            size = shape[0] * (shape[1] if len(shape) > 1 else 1)
            out.append(flat[at : at + size].reshape(shape))
            at += size
        return out

    def loss(self, flat):
        import jax.numpy as jnp

        arrays, z = self.arrays(flat), self.inputs
        for layer in range(0, len(arrays), 2):
            z = z @ arrays[layer] + arrays[layer + 1]
            if layer + 2 < len(arrays):
                z = jnp.tanh(z)
        # The logarithm of a sum as it stands: with the usual shift by the largest logit `jet` has no rule for it.
        chosen = jnp.sum(z * self.labels, axis=1)
        return jnp.mean(jnp.log(jnp.sum(jnp.exp(z), axis=1)) - chosen)

    def write(self, folder, flat):
        """Writes `net.loss`, its data, `start.json` and `start.bin`."""
        import numpy as np

        folder.mkdir(parents=True, exist_ok=True)
        np.savetxt(folder / "data.csv", self.table, delimiter=",", fmt="%.17g")
        rows, columns = len(self.table), self.sizes[0]
        layers = range(len(self.sizes) - 1)
        declared = ", ".join(f"W{k}[{self.sizes[k]}, {self.sizes[k + 1]}], b{k}[{self.sizes[k + 1]}]" for k in layers)
        text = "X" if self.scale == 1 else f"(X/{self.scale})"
        for k in layers:
            text = f"{text} @ W{k} + b{k}"
            text = f"tanh({text})" if k + 1 < len(layers) else text
        (folder / "net.loss").write_text(
            f'data X = csv("data.csv")[0..{rows}, 0..{columns}], y = csv("data.csv")[0..{rows}, {columns}]\n'
            f"param {declared}\nloss softmax_cross_entropy({text}, y)\n"
        )
        names = [name for k in layers for name in (f"W{k}", f"b{k}")]
        start = {name: np.asarray(array).tolist() for name, array in zip(names, self.arrays(np.asarray(flat)))}
        (folder / "start.json").write_text(json.dumps(start))
        np.asarray(flat, dtype="<f8").tofile(folder / "start.bin")


def one_hot(labels, classes):
    import numpy as np

    return np.eye(classes)[labels]


def random_network(sizes, rows=150):
    """Normal inputs, weights of variance 1/fan-in, small biases, labels drawn evenly."""
    import numpy as np

    random = np.random.default_rng(20)
    inputs = random.normal(size=(rows, sizes[0]))
    labels = random.integers(0, sizes[-1], rows)
    parts = []
    for m, n in zip(sizes, sizes[1:]):
        parts += [(random.normal(size=(m, n)) / np.sqrt(m)).ravel(), 0.1 * random.normal(size=n)]
    table = np.column_stack([inputs, labels])
    return Network(sizes, inputs, one_hot(labels, sizes[-1]), np.concatenate(parts), table)


def digits_network(hidden, rows, path=None, random_labels=False):
    """64 pixels, tanh layers, ten classes; weights of variance 1/fan-in, biases 0."""
    import numpy as np

    table = np.loadtxt(path or digits(), delimiter=",", skiprows=0)[:rows]
    labels = table[:, 64].astype(int)
    if random_labels:
        labels = np.random.default_rng(1).integers(0, 10, len(labels))
        table[:, 64] = labels
    sizes = [64, *hidden, 10]
    random = np.random.default_rng(0)
    parts = []
    for m, n in zip(sizes, sizes[1:]):
        # Few binary places, so that every decimal that is written is the number itself.
        parts += [(np.round(random.normal(size=(m, n)) / np.sqrt(m) * 2**20) / 2**20).ravel(), np.zeros(n)]
    return Network(sizes, table[:, :64] / 16, one_hot(labels, 10), np.concatenate(parts), table, scale=16)


def milliseconds(work, seconds=2.0, least=3, most=300):
    """The shortest processor time of some runs, after one that warms up."""
    work()
    best, end, runs = float("inf"), time.perf_counter() + seconds, 0
    while runs < least or (time.perf_counter() < end and runs < most):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
        runs += 1
    return best * 1e3


def timed(command, folder, *arguments):
    """What shadowflow's example `network_speed` measures of the network in a folder, by name."""
    line = [*command, str(folder / "net.loss"), str(folder / "start.bin"), *map(str, arguments)]
    done = subprocess.run(line, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"failed: {' '.join(line)}")
    return {row["work"]: row for row in map(json.loads, done.stdout.splitlines())}


def evaluate(binary, folder, *arguments, at="start.json"):
    """`shadowflow eval` on the network in a folder: its document, its errors' text, exit status, seconds, MiB at the peak."""
    line = [str(binary), "eval", "net.loss", "--at", at, "--format", "json", *map(str, arguments)]
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        start = time.perf_counter()
        process = subprocess.Popen(line, cwd=folder, stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read())
    document = json.loads(texts[0]) if texts[0].strip() else None
    return document, texts[1], process.returncode, seconds, usage.ru_maxrss / 1024
