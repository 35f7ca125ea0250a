"""Interrupts, progress, threads, sweeps on executors."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import shadowflow as sf

LONG = {
    "derive": "sf.derive(11, 'heavy-ball', momentum='9/10', route='egraph')",
    "derive composition": "sf.derive(13, 'nesterov', momentum='9/10')",
    "derive symbolic": "sf.derive(8, 'heavy-ball')",
    "derive logarithm": "sf.derive(13, 'rk:rk4', route='logarithm')",
    "derive trees": "sf.derive(16, route='trees')",
    "proof": "sf.derive(10, proof=True)",
    "equation": "sf.loss('exp(x*y)*sin(x + y^2)/(1 + x^2)').modified_equation(12)",
    "simulate": "sf.loss('(1 - x)^2 + 100*(y - x^2)^2').simulate(0.0001, 300000, [-0.9, 0.95], flows='bea:4,pf')",
    "stability": "sf.loss('(1 - x)^2 + 100*(y - x^2)^2 + sin(10*x*y)').stability(0.001, starts=100000)",
    "map": "sf.loss('(1 - x)^2 + 100*(y - x^2)^2').map(0.0001, 'pf', {'x': (-1, 1, 2000), 'y': (-1, 1, 2000)})",
    "train": "sf.Loss.example('digits').train(0.1, 100000)",
    "field": "sf.loss('exp(sin(x*y))').field(6, 0.1)(np.zeros((100_000_000, 2)))",
    "loss": "sf.loss('exp(sin(x*y))')(np.zeros((50_000_000, 2)))",
    "evaluate": "sf.Loss.example('banana').evaluate([0.1, 0.2], order=60)",
    "sweep": "list(sf.Sweep(sf.loss('x^4 + y^4 + x*y'), h=[0.001]*1000, steps=3000, starts=[[1, 1]], flows='pf').map())",
}


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise")
@pytest.mark.parametrize("name", LONG)
def test_an_interrupt_is_heard(name):
    script = f"""
        import os, signal, threading, time
        import numpy as np
        import shadowflow as sf

        pressed = []

        def press():
            # After what is read and compiled.
            time.sleep(0.7)
            pressed.append(time.perf_counter())
            os.kill(os.getpid(), signal.SIGINT)

        threading.Thread(target=press, daemon=True).start()
        try:
            {LONG[name]}
        except KeyboardInterrupt:
            print("interrupted", time.perf_counter() - pressed[0])
        else:
            print("finished")
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, timeout=300)
    word, *seconds = done.stdout.split() or [""]
    assert word in ("interrupted", "finished"), done.stdout + done.stderr
    # How soon is measured by benches/interrupt.py; here only that it is not the work's whole time.
    assert not seconds or float(seconds[0]) < 20
    assert "panicked" not in done.stderr and "Traceback" not in done.stderr


def test_other_threads_go_on_meanwhile():
    counted = 0
    stop = threading.Event()

    def count():
        nonlocal counted
        while not stop.is_set():
            counted += 1
            time.sleep(0.001)

    counter = threading.Thread(target=count)
    counter.start()
    sf.derive(9, "heavy-ball", momentum="9/10")
    stop.set()
    counter.join()
    assert counted > 2


def test_progress_is_shown(banana):
    seen = []
    banana.simulate(0.0001, 20_000, [-0.9, 0.95], flows="pf", progress=lambda *told: seen.append(told))
    assert seen[-1] == (40_000, 40_000, "steps") and [done for done, _, _ in seen] == sorted(done for done, _, _ in seen)
    seen.clear()
    sf.Loss.example("iris").train(0.1, 20, record="loss", progress=lambda *told: seen.append(told))
    assert seen[-1] == (20, 20, "steps")
    seen.clear()
    banana.map(0.001, "ngf", {"x": (0, 1, 5), "y": (0, 1, 5)}, progress=lambda *told: seen.append(told))
    assert seen[-1] == (5, 5, "rows")
    seen.clear()
    sf.derive(4, "heavy-ball", progress=lambda *told: seen.append(told))
    assert seen[-1][2] == "trees" and seen[-1][0] == seen[-1][1]
    sweep = sf.Sweep(banana, [0.001], 2, [[0, 0], [0, 1]], "ngf")
    seen.clear()
    list(sweep.map(progress=lambda *told: seen.append(told)))
    assert seen == [(1, 2, "cases"), (2, 2, "cases")]


def test_what_shows_progress_may_end_the_work(banana):
    class Enough(Exception):
        pass

    def end(done, total, what):
        raise Enough

    with pytest.raises(Enough):
        banana.simulate(0.0001, 100_000, [-0.9, 0.95], flows="pf", progress=end)


def test_a_bar(banana):
    pytest.importorskip("tqdm")
    banana.simulate(0.001, 10, [-0.9, 0.95], flows="pf", progress=True)


def test_time_ends_with_what_there_is(banana):
    run = banana.simulate(0.0001, 1_000_000, [-0.9, 0.95], flows="pf", max_seconds=0.3)
    assert any(w["code"] == "time-limit" for w in run.warnings)
    assert np.isfinite(run.iterates[0]).all()


def a_sweep():
    losses = [sf.loss("x^2/2 + x^4/4"), sf.loss("x^2")]
    return sf.Sweep(losses, h=["1/10", "1/5"], steps=4, starts=[[1.0], [-0.5], [0.25]], flows="pf,ngf")


def error_at_the_end(run):
    return float(run["pf"].error[-1])


def test_a_sweep_has_an_order():
    sweep = a_sweep()
    assert len(sweep) == 12 and sweep.case(7) == sf.Case(7, 1, 0, "1/10", 0, 1)
    runs = list(sweep.map())
    for case, run in zip(sweep.cases(), runs):
        assert run == sweep.losses[case.loss].simulate(case.h, 4, sweep.starts[case.start], "pf,ngf")
    assert list(sweep.map(cases=range(3, 5))) == runs[3:5]
    assert list(sweep.map(error_at_the_end)) == [error_at_the_end(run) for run in runs]
    drawn = sf.Sweep(sf.Loss.example("iris"), 0.1, 1, flows="ngf", seeds=[1, 2])
    first, second = drawn.map()
    assert not np.array_equal(first.iterates, second.iterates)
    with pytest.raises(sf.ShadowflowError):
        sweep.case(12)
    with pytest.raises(sf.ShadowflowError):
        sf.Sweep(sweep.losses, 0.1, 1, tolerence=1)


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_sweep_on_processes(method):
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method} here")
    sweep = a_sweep()
    expected = list(sweep.map())
    context = multiprocessing.get_context(method)
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
        assert list(sweep.map(executor=pool, chunk=2)) == expected
        assert list(sweep.map(error_at_the_end, executor=pool)) == [error_at_the_end(run) for run in expected]


def test_a_sweep_on_threads_and_what_fails():
    sweep = a_sweep()
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        assert list(sweep.map(executor=pool, chunk=1, ahead=2)) == list(sweep.map())
        bad = sf.Sweep(sweep.losses, ["1/10", "0"], 2, [[1.0]])
        results = bad.map(executor=pool, chunk=1)
        next(results)
        with pytest.raises(sf.ShadowflowError):
            next(results)


def in_a_fork(digits):
    """Training with threads, in a process whose parent had some."""
    return float(digits.train(0.1, 2, record="loss")["loss"][-1])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_threads_after_a_fork():
    digits = sf.Loss.example("digits")
    expected = in_a_fork(digits)
    context = multiprocessing.get_context("fork")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
        assert pool.submit(in_a_fork, digits).result(timeout=120) == pytest.approx(expected, rel=1e-12)


def test_signals_of_others_are_theirs():
    """A handler that does not raise ends nothing."""
    heard = []
    before = signal.signal(signal.SIGUSR1, lambda *_: heard.append(1))
    try:
        timer = threading.Timer(0.05, lambda: os.kill(os.getpid(), signal.SIGUSR1))
        timer.start()
        equation = sf.derive(9, "heavy-ball", momentum="9/10")
        timer.join()
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert heard and equation.order == 9


def test_a_sweep_on_dask():
    distributed = pytest.importorskip("distributed")
    sweep = a_sweep()
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        assert list(sweep.map(executor=client, chunk=2)) == list(sweep.map())
        assert list(sweep.map(lambda run: float(run.h), executor=client)) == [float(run.h) for run in sweep.map()]


def chapter(name):
    """A chapter of the book, and the Python that stands in it."""
    root = Path(os.environ.get("SHADOWFLOW_ROOT", Path(__file__).parents[2]))
    text = (root / "docs" / name).read_text(encoding="utf-8")
    return text, re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_a_sweep_on_joblib():
    joblib = pytest.importorskip("joblib", reason="joblib is not installed")
    text, _ = chapter("python.md")
    [line] = re.findall(r"`sweep\.map\(executor=(joblib\.[^`]*)\)`", text)
    executor = eval(line.replace("max_workers=8", "max_workers=2"), {"joblib": joblib})
    sweep = a_sweep()
    try:
        assert list(sweep.map(executor=executor, chunk=2)) == list(sweep.map())
        assert list(sweep.map(error_at_the_end, executor=executor)) == [error_at_the_end(run) for run in sweep.map()]
    finally:
        executor.shutdown(wait=True)


# Ray starts a cluster with sockets and warnings of its own.
@pytest.mark.filterwarnings("ignore")
def test_a_sweep_on_ray():
    ray = pytest.importorskip("ray", reason="Ray is not installed")
    _, blocks = chapter("python.md")
    [code] = [block for block in blocks if "ray.remote" in block]
    sweep = a_sweep()
    # By value: Ray's processes do not find this module.
    digest = lambda run: float(run["pf"].error[-1])
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, configure_logging=False)
    try:
        names = {"ray": ray, "sweep": sweep, "digest": digest}
        exec(code.replace("sweep.map", "found = sweep.map"), names)
        expected = [digest(run) for run in sweep.map()]
        assert list(names["found"]) == expected
        assert list(sweep.map(executor=names["Executor"](), chunk=2)) == list(sweep.map())
    finally:
        ray.shutdown()


def test_a_sweep_as_a_job_array(tmp_path):
    """The lines of the chapter for Slurm, each task a process with the variables that Slurm sets."""
    text, blocks = chapter("python.md")
    [script] = [block for block in blocks if "SLURM_ARRAY_TASK_ID" in block]
    (tmp_path / "task.py").write_text(script)
    package = str(Path(sf.__file__).parents[1])
    for task in range(3):
        environment = {**os.environ, "SLURM_ARRAY_TASK_ID": str(task), "PYTHONPATH": package}
        subprocess.run([sys.executable, "task.py"], cwd=tmp_path, env=environment, check=True, timeout=120)
    parts = [np.load(tmp_path / f"part-{task:03}.npy") for task in range(3)]
    names: dict = {}
    exec(script.split("task =")[0], names)
    sweep = names["sweep"]
    whole = np.array([names["digest"](run) for run in sweep.map()])
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    assert len(whole) == len(sweep) and [len(part) for part in parts] == [4, 4, 2]
