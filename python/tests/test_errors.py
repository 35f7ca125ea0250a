"""What goes wrong, and where."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

import shadowflow as sf


def refused(call, code):
    with pytest.raises(sf.ShadowflowError) as error:
        call()
    assert error.value.code == code, error.value
    return error.value


def test_an_error_has_its_place_and_its_help():
    error = refused(lambda: sf.loss("param theta\nloss thera^2\n"), "loss")
    assert isinstance(error, ValueError)
    assert (error.line, error.column, error.help) == (2, 6, "did you mean `theta`?")
    assert "thera" in error.message and "thera" in str(error)
    # All of them, in order.
    error = refused(lambda: sf.loss("param x\nlet y = z\nloss x^2 + w\n"), "loss")
    assert [(d.line, d.column) for d in error.diagnostics] == [(2, 9), (3, 12)]
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.code, again.diagnostics) == (str(error), error.code, error.diagnostics)


def test_errors_of_every_kind(banana, well, tmp_path):
    assert refused(lambda: sf.derive(2, "momentum"), "optimizer").message.count("heavy-ball")
    assert "argument `momentum`" in str(refused(lambda: sf.derive(2, "momentum"), "optimizer"))
    refused(lambda: sf.derive(2, "heavy-ball", beta="1/2"), "optimizer")
    refused(lambda: sf.derive(2, "heavy-ball", momentum="x"), "number")
    refused(lambda: sf.derive(2, "heavy-ball", m=1, momentum=1), "argument")
    refused(lambda: sf.derive(2, {"left": {1: 1}}), "optimizer")
    refused(lambda: sf.derive(-1), "argument")
    refused(lambda: sf.derive(99), "derive")
    refused(lambda: sf.derive(2, route="tree"), "derive")
    refused(lambda: sf.derive(2).text("latin"), "notation")
    error = refused(lambda: sf.claim("f_2 = -1/3 H^2 g -"), "claim")
    assert error.line == 1 and error.column > 1
    refused(lambda: sf.claim("f_1 = -1/2 H g", max_seconds=-1), "argument")
    refused(lambda: sf.Loss.from_file(tmp_path / "none.loss"), "loss")
    refused(lambda: sf.Loss.example("bananas"), "loss")
    refused(lambda: sf.Optimizer.from_file(tmp_path / "none.toml"), "optimizer")
    refused(lambda: banana.simulate(0.1, 3, [0.0, 0.0], flows="bea"), "flow")
    refused(lambda: banana.simulate(0.0, 3, [0.0, 0.0]), "argument")
    refused(lambda: banana.simulate(0.1, 3), "point")
    refused(lambda: banana.simulate(0.1, 3, {"z": 1}), "point")
    refused(lambda: banana.simulate(0.1, 3, [1.0]), "point")
    refused(lambda: banana.simulate(0.1, 3, [0.0, 0.0], at_cut="jump"), "argument")
    refused(lambda: banana.map(0.1, "pf", {"x": (0, 1, 3), "z": (0, 1, 3)}), "grid")
    refused(lambda: banana.stability(0.1, box="x=2:1"), "region")
    refused(lambda: banana.train(0.1, optimizer="adam"), "optimizer")
    refused(lambda: banana.train(0.1), "argument")
    refused(lambda: banana.evaluate([0.0, 0.0], flows="pf"), "flow")
    refused(lambda: sf.loss("k*x^2", params="x"), "loss")
    refused(lambda: sf.Loss("param x\nconst k\nloss k*x^2\n").field(1, 0.1), "derive")
    refused(lambda: well.field(1, "x"), "number")
    refused(lambda: well.modified_equation(1).latex(environment="gather"), "argument")
    refused(lambda: well.modified_equation(1, simplify="much"), "argument")
    refused(lambda: sf.derive(1).changes("f_1[x] = 2"), "snapshot")
    for point in ["pf", object(), ["a", "b"], [[1.0], [2.0, 3.0]]]:
        refused(lambda: banana.simulate(0.1, 1, point), "point")
    refused(lambda: banana.evaluate([np.nan, 1.0]), "point")
    refused(lambda: banana.stability(0.1, box=3), "region")
    refused(lambda: banana.map(0.1, "pf", 3), "grid")
    refused(lambda: banana.train(0.1, 2, start=[0, 0], h_at=3), "argument")
    refused(lambda: banana.train(0.1, 2, start=[0, 0], seeds="x"), "argument")
    refused(lambda: sf.verify(3), "proof")
    refused(lambda: sf.Equation.from_json("{}"), "equation")
    refused(lambda: sf.Equation.from_json("no"), "equation")


def test_a_place_in_a_file_is_named(tmp_path):
    path = tmp_path / "wrong.toml"
    path.write_text('left = { 1 = 1, 0 = "-(1+m" }\nright = [1]\n[[evaluations]]\nat = { 0 = 1 }\n')
    error = refused(lambda: sf.Optimizer(str(path)), "optimizer")
    assert (Path(error.path), error.line) == (path, 1)
    path = tmp_path / "wrong.loss"
    path.write_text("param x\nloss x^^2\n")
    error = refused(lambda: sf.Loss.from_file(path), "loss")
    assert (Path(error.path), error.line, error.column) == (path, 2, 8)


def test_arrays_that_do_not_fit(banana):
    field = banana.field(2, 0.001)
    for theta in [0.5, [1.0], [[1.0, 2.0, 3.0]], np.zeros((2, 3))]:
        assert "parameters" in str(refused(lambda: field(theta), "argument"))
    refused(lambda: field(np.array([1j, 0])), "argument")
    refused(lambda: field(np.zeros(2), 0.1), "argument")
    refused(lambda: banana.field(2)(np.zeros(2)), "argument")
    refused(lambda: field(np.zeros((3, 2)), out=np.zeros((3, 3))), "argument")
    refused(lambda: field(np.zeros((3, 2)), out=np.zeros((2, 3)).T), "argument")
    refused(lambda: field(np.zeros((3, 2)), threads=0), "argument")
    refused(lambda: field(["a", "b"]), "argument")
    refused(lambda: field([[1.0, 2.0], [3.0]]), "argument")


def test_the_time_can_be_limited():
    error = refused(lambda: sf.derive(12, route="egraph", max_seconds=1e-3), "time-limit")
    assert "max_seconds" in str(error)
