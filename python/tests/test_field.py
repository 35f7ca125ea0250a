"""Compiled fields on arrays."""

from __future__ import annotations

import threading

import numpy as np
import pytest

import shadowflow as sf


def exact(points, h):
    """Gradient descent's field of x²/2 + y⁴/4 to order 2, written out."""
    x, y = points[..., 0], points[..., 1]
    gx, gy, hy, ty = x, y**3, 3 * y**2, 6 * y
    return np.stack(
        [-gx - h / 2 * gx - h**2 / 3 * gx, -gy - h / 2 * hy * gy - h**2 * (hy**2 * gy / 3 + ty * gy**2 / 12)], axis=-1
    )


@pytest.fixture
def field():
    return sf.loss("x^2/2 + y^4/4").field(2, 0.125)


@pytest.mark.parametrize("shape", [(), (1,), (7,), (200,), (3, 5), (2, 1, 30), (4, 0, 3), (1, 1, 1)])
def test_any_batch_shape(field, shape):
    points = np.random.default_rng(1).normal(size=(*shape, 2))
    found = field(points)
    assert found.shape == points.shape and found.dtype == np.float64
    np.testing.assert_allclose(found, exact(points, 0.125), rtol=1e-13, atol=1e-15)


def views():
    base = np.random.default_rng(2).normal(size=(40, 30, 4))
    yield "every second", base[::2, ::3, ::3]
    yield "reversed", base[::-1, :, 1::-1]
    yield "columns first", np.asfortranarray(base)[..., :2]
    yield "transposed", base.transpose(2, 0, 1)[:2].transpose(2, 1, 0)
    yield "repeated", np.broadcast_to(base[0, 0, :2], (9, 5, 2))
    yield "of a record", np.zeros(50, dtype=[("a", "i4"), ("b", "f8", 2)])["b"]
    yield "of the other order of bytes", base[0, :, :2].astype(">f8")
    yield "single", base[3, 4, :2].astype("f4")
    yield "whole", np.arange(12).reshape(6, 2)
    yield "read only", _frozen(base[..., :2])
    yield "one axis of one", base[:, :1, :2]


def _frozen(array):
    array = array.copy()
    array.flags.writeable = False
    return array


@pytest.mark.parametrize("name, points", list(views()), ids=[name for name, _ in views()])
def test_views_of_any_strides(field, name, points):
    found = field(points)
    assert found.flags.c_contiguous
    np.testing.assert_array_equal(found, field(np.ascontiguousarray(points, dtype=np.float64)))
    np.testing.assert_allclose(found, exact(points.astype(np.float64), 0.125), rtol=1e-12, atol=1e-14)


def test_nothing_is_copied(field):
    tracemalloc = pytest.importorskip("tracemalloc")
    points = np.zeros((2, 500_000, 2))[:, ::2]
    out = np.empty((2, 250_000, 2))
    field(points, out=out)
    tracemalloc.start()
    assert field(points, out=out) is out
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000


def test_results_go_where_they_are_wanted(field):
    points = np.random.default_rng(3).normal(size=(50, 2))
    expected = field(points)
    out = np.empty_like(points)
    assert field(points, out=out) is out
    np.testing.assert_array_equal(out, expected)
    # Over the points themselves, and over a part of them.
    over = points.copy()
    field(over, out=over)
    np.testing.assert_array_equal(over, expected)
    both = np.concatenate([points, np.zeros_like(points)])
    field(both[:50], out=both[25:75])
    np.testing.assert_array_equal(both[25:75], expected)
    one = np.empty(2)
    field(points[0], out=one)
    np.testing.assert_array_equal(one, expected[0])


def test_the_step_size_is_an_input():
    loss = sf.loss("x^2/2 + y^4/4")
    family = loss.field(2)
    points = np.random.default_rng(4).normal(size=(300, 2))
    for h in [0.0, 0.125, 1.5]:
        np.testing.assert_allclose(family(points, h), exact(points, h), rtol=1e-12)
        np.testing.assert_allclose(family(points[0], h=h), exact(points[0], h), rtol=1e-12)
    at = family.at("1/8")
    assert (family.h, at.h, at.order, at.parameters) == (None, "1/8", 2, ["x", "y"])
    np.testing.assert_allclose(at(points), exact(points, 0.125), rtol=1e-12)
    assert "any h" in repr(family)


def test_threads_do_not_change_results():
    field = sf.Loss.example("banana").field(4, 0.0001)
    points = np.random.default_rng(5).normal(size=(20_000, 2))
    one = field(points, threads=1)
    np.testing.assert_array_equal(one, field(points, threads=4))
    found = [None] * 4
    workers = [threading.Thread(target=lambda k: found.__setitem__(k, field(points)), args=(k,)) for k in range(4)]
    [worker.start() for worker in workers]
    [worker.join() for worker in workers]
    assert all(np.array_equal(one, other) for other in found)
    np.testing.assert_array_equal(one[:5], [field(point) for point in points[:5]])


def test_a_loss_of_one_parameter_takes_numbers():
    field = sf.loss("x^2/2").field(1, 0.5)
    assert field(2.0).shape == () and float(field(2.0)) == -2.5
    assert field([2.0]).tolist() == [-2.5] and field([[2.0], [4.0]]).tolist() == [[-2.5], [-5.0]]


def test_no_value_is_nan():
    field = sf.loss("log(x)").field(0, 0.1)
    assert np.isnan(field([[-1.0], [2.0]])).tolist() == [[True], [False]] or np.isfinite(field([[2.0]])).all()
    assert np.isinf(field([0.0])).all() or np.isnan(field([0.0])).all()


def test_networks_keep_their_arrays():
    iris = sf.Loss.example("iris")
    field = iris.field(1)
    start = iris.start
    assert field(start, 0.1).shape == start.shape
    np.testing.assert_allclose(field(np.stack([start, start]), 0.1)[1], field(start, 0.1), rtol=1e-12)
    np.testing.assert_allclose(iris.gradient(start), -field(start, 0.0), rtol=1e-12, atol=1e-14)


def test_the_loss_and_its_gradient(banana):
    points = np.random.default_rng(6).normal(size=(4, 3, 2))
    x, y = points[..., 0], points[..., 1]
    np.testing.assert_allclose(banana(points), (1 - x) ** 2 + 100 * (y - x**2) ** 2, rtol=1e-13)
    gradient = np.stack([-2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)], axis=-1)
    np.testing.assert_allclose(banana.gradient(points), gradient, rtol=1e-11)
    assert banana([1.0, 1.0]) == 0.0 and np.ndim(banana([1.0, 1.0])) == 0


def test_whatever_offers_its_memory(field):
    import array

    points = np.random.default_rng(8).normal(size=(20, 2))
    expected = field(points)
    np.testing.assert_array_equal(field(memoryview(points)), expected)
    np.testing.assert_array_equal(field(array.array("d", points[0])), expected[0])
    np.testing.assert_array_equal(field(points.tolist()), expected)
    pandas = pytest.importorskip("pandas")
    np.testing.assert_array_equal(field(pandas.DataFrame(points)), expected)
