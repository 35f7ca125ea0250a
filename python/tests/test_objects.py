"""What values of this package are in Python: pickled, shown, drawn, in SymPy."""

from __future__ import annotations

import copy
import pickle
from fractions import Fraction

import numpy as np
import pytest

import shadowflow as sf


def pickled(value):
    for protocol in (2, pickle.HIGHEST_PROTOCOL):
        again = pickle.loads(pickle.dumps(value, protocol))
    return again


def values():
    loss = sf.loss("param x = 1/2, y = 1\nconst k = 3\nloss k*x^2 + x*y^4\n", constants={"k": "7/2"})
    optimizer = sf.Optimizer("heavy-ball", momentum="9/10")
    described = sf.Optimizer.from_dict({"a": [[], ["2/3"]], "b": ["1/4", "3/4"]})
    yield loss
    yield sf.Loss.example("iris", seed=3)
    yield optimizer
    yield described
    yield sf.derive(4)
    yield sf.derive(2, "nesterov")
    yield sf.derive(3, "rk:gauss2")
    yield sf.derive(2, proof=True)
    yield loss.modified_equation(2)
    yield loss.modified_equation(2, optimizer)
    yield loss.simulate(0.1, 4, flows="pf,ngf")
    yield sf.loss("x^4").simulate(1, 9, [2.0], flows="pf")
    yield loss.map(0.1, "pf", {"x": (0, 1, 3), "y": (0, 1, 2)})
    yield loss.train(0.01, 3)


@pytest.mark.parametrize("value", list(values()), ids=repr)
def test_values_can_be_pickled_and_copied(value):
    assert pickled(value) == value
    assert copy.deepcopy(value) == value and copy.copy(value) == value
    assert repr(pickled(value)) == repr(value)


def test_pickled_values_work(banana, tmp_path):
    points = np.random.default_rng(1).normal(size=(5, 2))
    for field in [banana.field(2, "1/1000"), banana.field(2).at(0.001)]:
        np.testing.assert_array_equal(pickled(field)(points), field(points))
    np.testing.assert_array_equal(pickled(banana)(points), banana(points))
    np.testing.assert_array_equal(pickled(banana.field(1))(points, 0.1), banana.field(1)(points, 0.1))
    iris = sf.Loss.example("iris", seed=3)
    assert iris != sf.Loss.example("iris", seed=4)
    np.testing.assert_array_equal(pickled(iris).start, iris.start)
    proof = pickled(sf.derive(2, proof=True)).proof
    assert proof.verify()
    # A file's data are found from anywhere.
    (tmp_path / "points.csv").write_text("1,2\n3,4\n")
    (tmp_path / "data.loss").write_text('data X = csv("points.csv")\nparam w[2]\nloss norm2(X @ w)\n')
    loss = sf.Loss.from_file(tmp_path / "data.loss")
    assert pickled(loss)([1.0, 1.0]) == 3.0**2 + 7.0**2
    for verdict in [sf.claim("f_1 = -1/2 H g"), sf.verify(sf.derive(1, proof=True).proof), sf.principal()]:
        assert str(pickled(verdict)) == str(verdict)
    assert str(pickled(banana.stability(0.001, near=[1, 1]))) == str(banana.stability(0.001, near=[1, 1]))
    assert str(pickled(banana.evaluate([1, 1]))) == str(banana.evaluate([1, 1]))


def test_equations_are_stored_as_their_documents():
    for equation in [sf.derive(3), sf.derive(2, "heavy-ball")]:
        again = sf.Equation.from_json(equation.json())
        assert again == equation and again.variable == equation.variable


def test_simulations_are_stored_as_their_documents(banana):
    import json

    # One that ends, one along a cut, recorded states between the times, and steps from iterates.
    diverging = sf.loss("x^4").simulate(1, 9, [2.0], flows="pf,ngf")
    recorded = banana.simulate(0.001, 5, [-0.9, 0.95], flows="pf,bea:2", record=True)
    assert len(recorded["pf"].path) > 5
    for run in [diverging, recorded, banana.simulate(0.0015, 8, [-0.9, 0.95], flows="rpf2,pf", restart="each")]:
        document = run.json()
        assert sf.Simulation.from_json(document) == run and pickled(run) == run
        members = json.loads(document)
        assert list(members) == ["method", "parameters", "h", "restart", "times", "iterates", "loss", "h_lambda_0", "flows", "events", "warnings"]
    with pytest.raises(sf.ShadowflowError, match="`flows.pf.error` is no list"):
        members = json.loads(recorded.json())
        members["flows"]["pf"]["error"].pop()
        sf.Simulation.from_json(json.dumps(members))
    with pytest.raises(sf.ShadowflowError, match="no JSON"):
        sf.Simulation.from_json("{")


COMMAND = """\
{
 "shadowflow": "0.1.0",
 "schema": 1,
 "method": "gradient-descent",
 "parameters": ["x"],
 "h": 0.25,
 "restart": "never",
 "times": [0.0, 0.25, 0.5],
 "iterates": [[1.0], [0.75], [0.64453125]],
 "loss": [0.25, 0.0791015625, 0.04314355464885011],
 "h_lambda_0": [0.75, 0.421875, 0.3115653991699219],
 "flows": {
  "ngf": {
   "trajectory": [[[1.0, 0.0]], [[0.8164965809277452, 0.0]], [[0.7071067811865781, 0.0]]],
   "error": [0.0, 0.06649658092774524, 0.0625755311865781],
   "loss": [[0.25, 0.0], [0.11111111111112157, 0.0], [0.06250000000001082, 0.0]],
   "h_lambda_0": [[0.75, 0.0], [0.5000000000000235, 0.0], [0.3750000000000325, 0.0]],
   "slid": [false, false, false],
   "slides": []
  }
 },
 "events": [],
 "warnings": []
}"""


def test_a_document_of_the_command_is_a_simulation():
    """Printed by `shadowflow simulate --loss "x^4/4" --param "x = 1" --h 1/4 --steps 2 --flows ngf --format json`."""
    run = sf.Simulation.from_json(COMMAND)
    here = sf.loss("x^4/4").simulate("1/4", 2, [1.0], flows="ngf")
    np.testing.assert_allclose(run.iterates, here.iterates, rtol=1e-15)
    np.testing.assert_allclose(run["ngf"].trajectory, here["ngf"].trajectory, rtol=1e-12)
    assert (run.method, run.parameters, run.h) == ("gradient-descent", ["x"], 0.25) and run["ngf"].end is None


def test_notebooks_show_mathematics_and_tables(banana):
    for value in [sf.derive(2), banana.modified_equation(1), sf.principal("heavy-ball")]:
        latex = value._repr_latex_()
        assert latex.startswith("$$") and latex.endswith("$$") and "aligned" in latex and "%" not in latex
    run = banana.simulate(0.001, 60, [-0.9, 0.95], flows="pf")
    for value in [run, banana.train(0.001, 3, start=[0, 0]), banana]:
        assert value._repr_html_().startswith(("<table>", "<pre>"))
    assert run._repr_html_().count("<tr>") < 40


def test_latex_stands_in_a_named_environment():
    equation = sf.derive(2)
    assert r"\begin{align*}" in equation.latex() and r"\begin{align}" in equation.latex(label="flow")
    assert r"\begin{aligned}" in equation.latex(environment="aligned")
    assert r"\begin{split}" in equation.latex(environment="split")
    assert r"\documentclass" in equation.latex(fragment=False)
    assert "dot(theta)" in equation.typst()


def test_sympy_has_the_same_formulas(banana):
    sympy = pytest.importorskip("sympy")
    x, y = sympy.symbols("x y", real=True)
    loss = banana.to_sympy()
    assert sympy.expand(loss - ((1 - x) ** 2 + 100 * (y - x**2) ** 2)) == 0
    g = sympy.Matrix([loss.diff(x), loss.diff(y)])
    hessian = sympy.hessian(loss, (x, y))
    third = sympy.Matrix([sum(loss.diff(a, b, c) * g[i] * g[j] for i, b in enumerate((x, y)) for j, c in enumerate((x, y))) for a in (x, y)])
    expected = [-g, -hessian * g / 2, -hessian**2 * g / 3 - third / 12]
    for found, wanted in zip(banana.modified_equation(2).to_sympy(), expected):
        assert (found - wanted).applyfunc(sympy.expand) == sympy.zeros(2, 1)
    h = sympy.Symbol("h")
    series = sf.derive(2, "heavy-ball").to_sympy(h)
    m = sympy.Symbol("m")
    hg = sympy.Symbol("H g", commutative=False)
    assert sympy.simplify(sympy.expand(series).coeff(hg) - h * -(1 + m) / (2 * (1 - m) ** 3)) == 0


@pytest.mark.parametrize(
    "text",
    [
        "x^4/4 + x^2/2 - 3*x*y",
        "exp(-x^2)*cos(y)/(1 + y^2)",
        "log(cosh(x)) + tanh(y)^3 - sqrt(1 + x^2)",
        "relu(x - y)^2 + abs(y) + softplus(x) + sigmoid(-y)",
        "-x^2 - (-y)^3 + 2^-1*x",
        "x^(1/3)*erf(y) + atan(x) + pi*x",
    ],
)
def test_to_sympy_and_back(text):
    sympy = pytest.importorskip("sympy")
    loss = sf.loss(text, params="x, y")
    again = sf.from_sympy(loss.to_sympy(), params=sympy.symbols("x y", real=True))
    points = np.abs(np.random.default_rng(7).normal(size=(20, 2))) + 0.1
    np.testing.assert_allclose(again(points), loss(points), rtol=1e-12)


ROWS = "1,2,0\n3,4.5,2\n-1,0.25,1\n0,1,2\n"


@pytest.mark.parametrize(
    "text",
    [
        "param w[2] = zeros\nloss norm2(X @ w - y)/4 + mean(X' @ X @ w) + X[0, 1]*w[0]",
        "param W[2, 3] = zeros, b[3] = zeros\nloss softmax_cross_entropy(tanh(X @ W + b), y)",
        "param W[2, 3] = zeros, b[3] = zeros\nloss softmax_cross_entropy(standardise(X) @ W + b, one_hot(y, 3)) + norm2(W)/100",
        "param W[2, 3] = zeros\nloss softmax_cross_entropy(X @ W, [0, 2, 1, 1])",
        "param W[2, 3] = zeros\nloss logsumexp(sum(X @ W, 0)) + sum(mean(X @ W, 1)^2) + max(X)*W[1, 2]",
    ],
)
def test_sympy_has_losses_with_data(text, tmp_path):
    sympy = pytest.importorskip("sympy")
    (tmp_path / "rows.csv").write_text(ROWS)
    loss = sf.Loss('data X = csv("rows.csv")[.., 0..2], y = csv("rows.csv")[.., 2]\n' + text + "\n", folder=tmp_path)
    expression = loss.to_sympy()
    theta = np.random.default_rng(3).normal(size=loss.dimension)
    names = [sympy.Symbol(name, real=True) for name in loss.parameters]
    values = dict(zip(names, theta.tolist()))
    assert float(expression.subs(values)) == pytest.approx(float(loss(theta)), rel=1e-12)
    # And the gradient by SymPy is that of the loss.
    slope = [float(expression.diff(name).subs(values)) for name in names[:3]]
    np.testing.assert_allclose(slope, loss.gradient(theta)[:3], rtol=1e-11)


def test_sympy_is_not_given_more_than_it_can_hold():
    pytest.importorskip("sympy")
    with pytest.raises(sf.ShadowflowError, match="fewer rows of the data"):
        sf.Loss.example("digits").to_sympy()


def test_losses_come_from_sympy():
    sympy = pytest.importorskip("sympy")
    a, b = sympy.symbols("a b")
    loss = sf.Loss.from_sympy((a * b - 1) ** 2 + sympy.Rational(1, 3) * sympy.exp(a) + 0.1 * b)
    assert loss.parameters == ["a", "b"]
    assert loss([0.5, 2.0]) == pytest.approx(np.exp(0.5) / 3 + 0.2)
    assert sf.from_sympy(b - a, params=[b, a]).parameters == ["b", "a"]
    w = [sympy.Symbol(f"w[{k}]") for k in range(11)]
    wide = sf.from_sympy(sum(k * x**2 for k, x in enumerate(w)))
    assert wide.shapes == {"w": (11,)} and wide(np.ones(11)) == 55
    network = sf.loss("norm2(tanh(W @ v))", params=["W[2, 2] = zeros", "v[2]"])
    assert len(network.to_sympy().free_symbols) == 6
    for wrong in [sympy.Matrix([a]), sympy.gamma(a), a * sympy.Symbol("a-b")]:
        with pytest.raises(sf.ShadowflowError) as error:
            sf.from_sympy(wrong)
        assert error.value.code == "sympy"
    with pytest.raises(sf.ShadowflowError):
        sf.from_sympy(a * b, params=[a])
    assert sf.from_sympy(sympy.sympify("(a + b)**2 - 2*Max(a, b)/3"))([1.0, 2.0]) == pytest.approx(9 - 4 / 3)


def test_pictures_go_into_the_axes_that_are_given(banana):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    from shadowflow import plots

    figure, axes = plt.subplots(2, 3)
    run = banana.simulate(0.001, 10, [-0.9, 0.95], flows="ngf,pf")
    assert run.plot(ax=axes[0, 0]) is axes[0, 0]
    assert plots.contours(banana, ax=axes[0, 0]) is axes[0, 0]
    assert plots.errors(run, ax=axes[0, 1]) is axes[0, 1]
    assert plots.sharpness(run, ax=axes[0, 2]) is axes[0, 2] and plots.losses(run, ax=axes[1, 0]) is axes[1, 0]
    found = banana.map(0.001, "pf", {"x": (-1, 1, 8), "y": (-1, 1, 8)})
    assert found.plot(ax=axes[1, 1]) is axes[1, 1]
    record = banana.train([0.0005, 0.001], 5, start=[-0.9, 0.95], record="loss,lambda")
    assert record.plot(["loss", "lambda"], ax=axes[1, 2]) is axes[1, 2]
    assert len(axes[1, 2].lines) == 6 and len(axes[0, 1].lines) == 2
    figure.canvas.draw()
    plt.close(figure)
    own = plots.errors(run)
    assert own.figure is not figure
    plt.close(own.figure)


def test_frames():
    pytest.importorskip("pandas")
    frame = sf.loss("x^2/2 + y^2").simulate(0.1, 3, [1.0, 1.0], flows="pf").to_frame()
    assert frame.shape[0] == 4 and {"time", "x", "y", "loss", "h_lambda_0", "pf error", "pf x"} <= set(frame.columns)


def test_hashes_and_reprs(banana):
    assert len({sf.Optimizer("heavy-ball", momentum="1/2"), sf.optimizer("heavy-ball", m=0.5)}) == 1
    assert {banana, sf.loss("(1 - x)^2 + 100*(y - x^2)^2")} == {banana}
    assert "heavy-ball" in repr(sf.Optimizer("heavy-ball", momentum="1/2"))
    assert sf.derive(1).coefficient("H g") == Fraction(-1, 2) and sf.derive(1)[1][0].latex
