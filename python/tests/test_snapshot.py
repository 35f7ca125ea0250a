"""The helper for other people's tests."""

from __future__ import annotations

import pytest

import shadowflow as sf


def test_series_are_compared_as_mathematics(well):
    sf.assert_series(sf.derive(2), "f_1 = -1/2 H g; f_2 = -1/12 T[g, g] - 1/3 H^2 g")
    sf.assert_series(sf.derive(1, "heavy-ball"), "f_1 = -(1+m)/(2*(1-m)^3) H g")
    sf.assert_series(well.modified_equation(1), "f_0[x] = -x*(x^2 + 1)")
    for series in [sf.derive(3), well.modified_equation(3), sf.loss("log(cosh(x))").modified_equation(2)]:
        sf.assert_series(series, series.snapshot())


def test_what_has_changed_is_told_term_by_term():
    with pytest.raises(sf.SeriesChanged) as error:
        sf.assert_series(sf.derive(2), "f_2 = -1/3 H^2 g - 1/6 T[g, g]")
    assert isinstance(error.value, AssertionError)
    assert error.value.changes == [sf.Change(2, None, "T[g, g]", "-1/6", "-1/12")]
    assert "f_2, T[g, g]: expected -1/6, derived -1/12" in str(error.value)
    assert "f_1 = -1/2 H g" in str(error.value)
    with pytest.raises(sf.ShadowflowError):
        sf.assert_series(sf.derive(2), "f_2 = -1/3 H^2 g -")
    with pytest.raises(sf.ShadowflowError):
        sf.assert_series("f_2", "f_2 = 0")


def test_a_file_is_written_and_kept(tmp_path, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    path = tmp_path / "new" / "gd.series"
    sf.assert_series(sf.derive(2), path)
    assert path.read_text() == sf.derive(2).snapshot()
    sf.assert_series(sf.derive(2), path)
    path.write_text(path.read_text().replace("-1/12", "-1/6"))
    with pytest.raises(sf.SeriesChanged, match="SHADOWFLOW_UPDATE"):
        sf.assert_series(sf.derive(2), path)
    monkeypatch.setenv("SHADOWFLOW_UPDATE", "1")
    sf.assert_series(sf.derive(2), path)
    assert path.read_text() == sf.derive(2).snapshot()
    monkeypatch.delenv("SHADOWFLOW_UPDATE")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(sf.SeriesChanged):
        sf.assert_series(sf.derive(2), tmp_path / "other.series")


def test_the_fixture(pytester, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("SHADOWFLOW_UPDATE", raising=False)
    pytester.makepyfile(
        test_mine="""
        import shadowflow as sf

        def test_series(series_snapshot):
            series_snapshot(sf.derive(2))
            series_snapshot(sf.derive(1, "nesterov"), "nesterov")
        """
    )
    plugin = ("-p", "shadowflow._pytest", "-p", "no:shadowflow")
    assert pytester.runpytest_subprocess(*plugin).ret == 0
    kept = pytester.path / "__series__" / "test_mine.test_series.series"
    assert kept.read_text() == sf.derive(2).snapshot()
    assert pytester.runpytest_subprocess(*plugin).ret == 0
    kept.write_text(kept.read_text().replace("-1/12", "-1/6"))
    failed = pytester.runpytest_subprocess(*plugin)
    assert failed.ret == 1
    failed.stdout.fnmatch_lines(["*f_2, T[[]g, g[]]: expected -1/6, derived -1/12*"])
    assert pytester.runpytest_subprocess(*plugin, "--series-update").ret == 0
    assert kept.read_text() == sf.derive(2).snapshot()
