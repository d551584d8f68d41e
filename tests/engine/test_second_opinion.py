"""The second opinion: SpiffWorkflow's runtime is asked about what a scenario came to."""

from pathlib import Path

from engine.model.values import SYSTEM
from engine.scenarios import run_folder
from engine.scenarios.second_opinion import Opinion, opinions
from engine.services import repository
from engine.testing import Harness

TUTORIAL = Path(__file__).parent.parent.parent / "docs/tutorial/visitor_parking"


def test_both_runtimes_agree_on_the_tutorials_process():
    report = run_folder(TUTORIAL, cross_check=True)

    assert report.passed
    assert {opinion for scenario in report.scenarios for opinion in scenario.opinions} == {Opinion("visitor_parking")}
    assert "visitor_parking: cross-checked with SpiffWorkflow" in list(report.lines())


def test_a_run_that_was_bent_by_hand_is_told_apart():
    with Harness() as harness:
        harness.deploy(TUTORIAL / "visitor_parking.bpmn", *(TUTORIAL / "forms").glob("*.form"))
        began = harness.now
        instance = harness.start("visitor_parking")
        harness.modify(instance, activate=["parked"], terminate=["decide"])
        row = repository.latest(harness.engine, "visitor_parking", actor=SYSTEM)
        _, definition = repository.definition(harness.engine, row.key, actor=SYSTEM)

        [opinion] = opinions(harness, {"visitor_parking": definition}, now=began)

    assert opinion.differences


def test_a_process_that_the_other_runtime_cannot_execute_says_why():
    report = run_folder(Path(__file__).parent.parent.parent / "processes/collect_single", cross_check=True)

    assert report.passed
    assert any("input or output mapping" in line for line in report.lines())
