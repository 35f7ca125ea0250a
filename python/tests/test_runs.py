"""Simulations, stability, maps, evaluations, training."""

from __future__ import annotations

import numpy as np
import pytest

import shadowflow as sf


def test_a_simulation_is_arrays(banana):
    run = banana.simulate(0.001, 3, {"x": -0.9, "y": 0.95}, flows="ngf,bea:4,pf")
    # Gradient descent, by hand.
    theta = np.array([-0.9, 0.95])
    for k in range(4):
        np.testing.assert_allclose(run.iterates[k], theta, rtol=1e-12)
        x, y = theta
        theta = theta - 0.001 * np.array([-2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)])
    assert list(run) == ["ngf", "bea:4", "pf"] and run.parameters == ["x", "y"]
    pf = run["pf"]
    assert pf.trajectory.shape == (4, 2) and pf.trajectory.dtype == np.complex128
    np.testing.assert_allclose(pf.error, np.linalg.norm(pf.trajectory - run.iterates, axis=1), rtol=1e-12)
    np.testing.assert_allclose(run.times, [0, 0.001, 0.002, 0.003])
    np.testing.assert_allclose(run.loss, banana(run.iterates), rtol=1e-12)
    assert run["pf"].error[-1] < run["bea:4"].error[-1] < run["ngf"].error[-1]
    assert (run.method, run.h, run.restart) == ("gradient-descent", 0.001, "never")


def test_what_is_missing_is_nan():
    # Beyond 1/h the principal flow meets its branch point; the optimizer goes to infinity.
    run = sf.loss("x^4/4").simulate(1, 12, [3.0], flows="pf,ngf")
    assert np.isnan(run.iterates).any() or np.isinf(run.iterates).any()
    assert run.warnings and all({"code", "message"} <= set(w) for w in run.warnings)
    gone = [flow for flow in run.flows.values() if flow.end is not None]
    for flow in gone:
        step, code, message = flow.end
        assert np.isnan(flow.trajectory[step:]).all() and np.isnan(flow.error[step:]).all() and code and message


def test_momentum_and_restarts(well):
    run = well.simulate("1/10", 5, optimizer="heavy-ball", momentum="1/2", flows=["pf"], restart="each")
    x, before = 0.5, 0.5
    for k in range(6):
        np.testing.assert_allclose(run.iterates[k], [x], rtol=1e-12)
        x, before = x + 0.5 * (x - before) - 0.1 * (x**3 + x), x
    assert run.restart == "each" and any(w["code"] == "zero-velocity" for w in run.warnings)
    recorded = well.simulate(0.1, 2, flows="ngf", record=True)
    assert len(recorded["ngf"].path) >= 3


def test_starts_of_every_form(banana):
    expected = banana.simulate(0.001, 1, [-0.9, 0.95], "ngf").iterates
    for start in [(-0.9, 0.95), np.array([-0.9, 0.95]), {"x": -0.9, "y": "0.95"}, "x=-0.9,y=0.95"]:
        np.testing.assert_array_equal(banana.simulate(0.001, 1, start, "ngf").iterates, expected)
    partly = sf.loss("param x = 1/2, w[2, 2] = zeros\nloss x^2 + norm2(w)\n")
    np.testing.assert_array_equal(partly.point({"w": [[1, 2], [3, 4]]}), [0.5, 1, 2, 3, 4])
    np.testing.assert_array_equal(partly.point({"w": np.eye(2)}), [0.5, 1, 0, 0, 1])
    assert np.isnan(banana.point("x=1")).tolist() == [False, True]


def test_stability_of_critical_points(banana):
    found = banana.stability(0.0015, near={"x": 1, "y": 1})
    [point] = found.points
    np.testing.assert_allclose(point.at, [1, 1], atol=1e-9)
    assert point.kind == "minimum" and point.eigenvalues[0] > point.eigenvalues[1] > 0
    # hλ_0 is 1.5 at the edge of 2.
    assert point.attractive() is True and point.attractive("ngf") is True
    assert banana.stability(0.003, near=[1, 1]).points[0].attractive() is False
    along = banana.stability(0.0015, start=[-0.9, 0.95], steps=2)
    assert len(along.steps) == 2 and along.points == []
    boxed = sf.loss("x^4/4 - x^2/2").stability(0.1, box={"x": (-2, 2)})
    np.testing.assert_allclose(sorted(float(p.at[0]) for p in boxed.points), [-1, 0, 1], atol=1e-8)
    assert "minimum" in str(found) and "<pre>" in found._repr_html_()


def test_a_map_is_arrays(banana):
    grid = {"x": (-1.5, 1.5, 7), "y": ("-1/2", 2, 5)}
    field = banana.map(0.0003, "ngf", grid, "field")
    points = np.stack(np.meshgrid(field.x, field.y), axis=-1)
    np.testing.assert_allclose(field["field"], -banana.gradient(points), rtol=1e-9)
    error = banana.map(0.0003, "pf", grid)
    assert error["error"].shape == (5, 7) and error.names == ("x", "y")
    stability = banana.map(0.0003, "pf", grid, "stability")
    assert set(stability.values) == {"growth", "largest", "smallest"}
    missing = sf.loss("log(x)*y").map(0.1, "ngf", {"x": (-1, 1, 3), "y": (0, 1, 2)}, "field")
    assert np.isnan(missing["field"][:, 1]).any() or missing.missing or missing.warnings
    again = banana.map(0.0003, "pf", "x=-1.5:1.5:7,y=-0.5:2:5", threads=2)
    assert again == error


def test_everything_at_a_point(banana):
    found = banana.evaluate({"x": "-9/10", "y": "0.95"}, 2, 0.001, spectrum=1, flows="pf,ngf")
    field = banana.field(2, 0.001)
    np.testing.assert_allclose(found.field, field([-0.9, 0.95]), rtol=1e-12)
    np.testing.assert_allclose(found.orders[0], -banana.gradient([-0.9, 0.95]), rtol=1e-11)
    assert found.orders.shape == (3, 2) and found.loss == pytest.approx(banana([-0.9, 0.95]), rel=1e-12)
    assert "spectrum" in found.document or found.document
    # An array's doubles are the numbers that they are.
    assert banana.evaluate([0.1, 0.2], 0).loss == banana.evaluate({"x": "0.1", "y": "0.2"}, 0).loss
    assert banana.evaluate(np.array([1.0, 1.0]), 1).loss == 0.0


def test_training_is_recorded():
    iris = sf.Loss.example("iris")
    record = iris.train(0.5, 6, record="loss,accuracy,lambda,learning_rate", every=2)
    np.testing.assert_array_equal(record["step"], [0, 2, 4, 6])
    assert record["loss"].dtype == np.float64 and record["lambda"].shape == (4, 2)
    assert (np.diff(record["loss"]) < 0).all() and np.isnan(record["learning_rate"][-1]) or record["learning_rate"][0] == 0.5
    assert record["loss"][0] == pytest.approx(iris(iris.start), rel=1e-12)
    assert len(record.theta) == 1 and iris(record.theta[0]) == pytest.approx(record["loss"][-1], rel=1e-12)
    frame = record.to_frame()
    assert list(frame.columns[:2]) == ["step", "optimizer"] and {"lambda_0", "lambda_1"} <= set(frame.columns)
    assert record.settings["steps"] == 6
    with pytest.raises(KeyError):
        record["losses"]


def test_several_runs_with_flows(banana):
    record = banana.train([0.0005, "1/1000"], 3, ["gd", "dal"], start=[-0.9, 0.95], flows="ngf,pf", h_max=0.001)
    assert [run["optimizer"] for run in record.runs] == ["gd", "gd", "dal"]
    assert set(record["error"]) == {"ngf", "pf"} and record["error"]["pf"].shape == (len(record),)
    custom = banana.train(0.0005, 2, sf.Optimizer("heavy-ball", momentum="1/2"), start=[-0.9, 0.95], record="loss")
    named = banana.train(0.0005, 2, "heavy-ball", momentum="1/2", start=[-0.9, 0.95], record="loss")
    np.testing.assert_array_equal(custom["loss"], named["loss"])
    described = {"left": {1: 1, 0: -1}, "right": ["1/2"], "evaluations": [{"at": {0: 1}}]}
    half = banana.train(0.001, 2, described, start=[-0.9, 0.95], record="loss")
    whole = banana.train(0.0005, 2, start=[-0.9, 0.95], record="loss")
    np.testing.assert_allclose(half["loss"], whole["loss"], rtol=1e-12)


def test_batches_and_seeds():
    iris = sf.Loss.example("iris")
    asked = dict(optimizer="sgd", batch=50, record="loss,batch_loss")
    record = iris.train(0.1, 3, seeds=[1, 2], **asked)
    assert [run["seed"] for run in record.runs] == [1, 2]
    assert record["loss"][0] != record["loss"][4]
    np.testing.assert_array_equal(iris.train(0.1, 3, seeds=1, **asked)["loss"], record["loss"][:4])
