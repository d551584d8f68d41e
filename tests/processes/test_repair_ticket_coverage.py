"""Every row of the business description of the repair ticket is played by a scenario, or the manual says why it is not in the diagram."""

from pathlib import Path

import pytest
import yaml

from engine.scenarios import Report, run_folder

FOLDER = Path(__file__).parents[2] / "processes" / "repair_ticket"
COVERAGE = yaml.safe_load((FOLDER / "coverage.yaml").read_text(encoding="utf-8"))
MANUAL = (FOLDER / "README.md").read_text(encoding="utf-8")

# what the business description names; a row that is missing in coverage.yaml fails
ROWS = {
    "steps": set(range(1, 18)),
    "D1": set(range(1, 8)),
    "D2": {1, 2, 3, 4, 5, 6, "certificates"},
    "D3": set(range(1, 8)),
    "starts": {
        "message repair.reported",
        "form by the service desk",
        "form by staff",
        "telemetry.alarm.raised",
        "call activity from a complaint",
        "timer from an overdue inspection",
    },
    "events": {
        "cancel before arrival",
        "cancel after arrival",
        "urge",
        "urge twice within 4 hours",
        "raise the priority",
        "reassign",
        "pause and resume",
    },
    "alarms": {
        "raised without an open ticket",
        "raised or updated with an open ticket",
        "raised in a maintenance window or beneath a parent",
        "acknowledged by accepting",
        "cleared before acceptance",
        "cleared while step 12 waits",
        "cleared during the repair",
        "raised again within 60 minutes",
        "flapping",
        "storm",
    },
    "edges": {
        "two reporters, one burst pipe",
        "technician leaves or shift ends in mid-job",
        "offline phone completes later",
        "night P4 starts at 07:30",
        "owner not home",
        "a neighbour must open the door",
        "wrong project",
        "tenant or owner pays",
        "developer's warranty waits for a third party",
        "vendor without an account",
        "false alarms count per device",
        "ticket merged",
        "ticket split",
        "cancelled with parts issued",
        "P0 rescue, the repair goes on as a P2 child",
        "charge disputed after completion",
        "alarm clears before anyone arrives",
        "alarm raised again within 60 minutes of the close",
    },
}
MAPPED = [(group, row) for group, rows in COVERAGE.items() for row in rows]


@pytest.fixture(scope="module")
def played() -> Report:
    """What came of every scenario; playing them takes half a minute."""
    return run_folder(FOLDER)


@pytest.mark.parametrize("group", ROWS)
def test_every_row_is_mapped_and_no_other(group):
    assert set(COVERAGE[group]) == ROWS[group]


def test_no_group_is_made_up():
    assert set(COVERAGE) == set(ROWS)


@pytest.mark.parametrize(("group", "row"), MAPPED, ids=[f"{group}-{row}" for group, row in MAPPED])
def test_a_row_is_played_as_it_says(played, group, row):
    said = COVERAGE[group][row]
    if "outside" in said:
        assert set(said) == {"outside"}
        assert len(said["outside"]) >= len("风暴合并成事件"), "no sentence"
        assert said["outside"] in MANUAL
        return
    scenarios = {each.name: each for each in played.scenarios}

    assert set(said) <= {"scenarios", "elements", "rules"}
    assert said.get("scenarios"), "no scenario plays it"
    assert said.get("elements") or said.get("rules"), "nothing shows that it was played"
    assert set(said["scenarios"]) <= set(scenarios), "no such scenario"

    named = {*said.get("elements", ()), *said.get("rules", ())}
    shown = {name: named & _shown(scenarios[name]) for name in said["scenarios"]}
    assert [name for name in shown if not scenarios[name].passed] == []
    assert named - set().union(*shown.values()) == set(), "nobody walks or matches these"
    assert [name for name, seen in shown.items() if not seen] == [], "these show nothing of the row"


def _shown(scenario):
    """The elements and flows that a scenario walks and the rules that it matches."""
    return set(scenario.rules).union(*scenario.walked.values())


def test_every_scenario_of_the_folder_passes(played):
    assert played.passed, str(played)


@pytest.mark.parametrize("process_id", ["repair_ticket", "repair_overdue_inspections"])
def test_every_element_and_flow_of_the_diagrams_is_walked(played, process_id):
    assert played.unwalked(process_id) == []
