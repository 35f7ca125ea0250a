"""What documents show is what is printed, and notebooks run."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import shadowflow as sf

ROOT = Path(os.environ.get("SHADOWFLOW_ROOT", Path(__file__).parents[2]))
NOTEBOOKS = sorted((ROOT / "python" / "notebooks").glob("*.ipynb"))


def test_the_examples_of_the_chapter():
    text = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```pycon\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert len(blocks) > 8
    example = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, "docs/python.md", "docs/python.md", 0)
    told: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    runner.run(example, out=told.append)
    assert runner.summarize(verbose=False).failed == 0, "".join(told)


def test_the_examples_of_the_readme():
    text = (ROOT / "python" / "README.md").read_text(encoding="utf-8")
    [block] = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    pytest.importorskip("matplotlib").use("agg")
    exec(compile(block, "README.md", "exec"), {})


@pytest.mark.parametrize("name", ["", "_loss", "_optimizer", "_equation", "_claims", "_sweep", "_snapshot", "_sympy", "_trees"])
def test_the_examples_of_the_docstrings(name):
    import importlib

    import numpy as np

    module = importlib.import_module(f"shadowflow.{name}".rstrip("."))
    result = doctest.testmod(module, extraglobs={"sf": sf, "np": np})
    assert result.failed == 0


@pytest.mark.skipif(not NOTEBOOKS, reason="no notebooks here")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_run(path, monkeypatch):
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    # The kernel is a process of its own, which finds the package where this one does.
    package = str(Path(sf.__file__).parents[1])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([package, os.environ.get("PYTHONPATH", "")]))
    notebook = nbformat.read(path, 4)
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3").execute()


def test_every_public_name_is_there_and_explained():
    for name in sf.__all__:
        value = getattr(sf, name)
        assert name == "__version__" or name == "Field" or value.__doc__, name
    assert set(dir(sf)) >= set(sf.__all__)
    with pytest.raises(AttributeError):
        sf.nothing


def test_an_import_brings_nothing_that_is_not_asked_for():
    script = "import sys, numpy; before = set(sys.modules); import shadowflow as sf; print(*sorted(set(sys.modules) - before)); sf.loss, sf.Tree"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) <= {"__future__", "shadowflow", "shadowflow._core"}
