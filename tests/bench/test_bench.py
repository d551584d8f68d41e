"""Every part of ``make bench`` runs and gives figures; with so little work that the figures themselves mean nothing."""

from __future__ import annotations

import pytest

from bench import engine_only, expressions, services, telemetry, timers, web
from bench.measure import Figure, table


def test_a_figure_holds_on_its_good_side_of_the_bar():
    fast = Figure("rate", "1/s", 30.0, 2.0, 15.0, 15, True)
    slow = Figure("time", "ms", 30.0, None, 30.1, 30, False)

    assert fast.holds
    assert not slow.holds
    assert fast.as_json()["holds"] is True
    assert "MISSED" in table([fast, slow])


def test_the_engine_is_measured_beside_stock_spiffworkflow():
    engine_only.ours(1)
    engine_only.stock(1)

    assert engine_only.wide_fan().ours > 0


def test_completing_a_task_is_measured_beside_a_bare_transaction():
    cpu, statements = services.figures(instances=1)

    assert cpu.ours > 0 and cpu.yardstick
    assert statements.holds


def test_expressions_are_measured(monkeypatch):
    # where they are installed, they take half a minute to begin
    monkeypatch.setattr(expressions, "others", lambda *_, times: {"another": 1.0})

    figures = expressions.figures(runs=2, times=10)

    assert len(figures) == 3
    assert all(figure.ours > 0 for figure in figures)
    assert [figure.yardstick for figure in figures] == [1e6, 1e6, None]


@pytest.mark.parametrize("number", [0, 7, 96])
def test_an_expression_that_is_compiled_has_the_length_that_is_said(number):
    assert len(expressions.long_expression(number)) == expressions.LENGTH


def test_a_sweep_is_measured_beside_one_where_few_wait():
    [figure] = timers.figures(many=50, few=5)

    assert figure.ours > 0 and figure.yardstick


def test_inbox_and_instances_are_measured_over_http():
    figures = {figure.what.partition(",")[0]: figure for figure in web.figures(few=5, many=60, pages=5, instances=2)}

    assert figures["SQL statements of an inbox page"].holds
    assert all(figure.ours > 0 for figure in figures.values())


def test_telemetry_is_measured_and_nothing_is_lost(monkeypatch):
    monkeypatch.setattr(telemetry, "MESSAGES", 500)

    [figure] = telemetry.figures()

    assert figure.ours > 0, figure.note
    assert "0 lost" in figure.note
