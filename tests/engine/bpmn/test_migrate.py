"""Moving live instances to another version of their process."""

import pytest

from engine.bpmn import migrate
from engine.bpmn.progress import OpenTimer
from engine.errors import Invalid


def flow(id, source, target):
    return f'<sequenceFlow id="{id}" sourceRef="{source}" targetRef="{target}"/>'


ONE = '<startEvent id="s"/><userTask id="a"/><endEvent id="e"/>' + flow("f1", "s", "a") + flow("f2", "a", "e")
TWO = (
    '<startEvent id="s"/><userTask id="a"/><userTask id="check"/><endEvent id="e"/>'
    '<boundaryEvent id="late" attachedToRef="a">'
    "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition></boundaryEvent>"
    + flow("f1", "s", "a")
    + flow("f2", "a", "check")
    + flow("f3", "check", "e")
    + flow("f4", "late", "check")
)


def moved(instance, target, mapping=None):
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    from engine.bpmn.progress import Surroundings

    surroundings = Surroundings(datetime(2026, 1, 1, tzinfo=UTC), ZoneInfo("Asia/Shanghai"), instance._decide)
    return migrate.migrate(instance.definition, target.definition, instance.state, mapping or {}, surroundings)


def test_an_instance_goes_on_by_the_new_version_and_new_boundary_events_are_armed(drive):
    instance = drive(ONE, snapshots=False).start()
    target = drive(TWO, snapshots=False)

    progress = moved(instance, target)
    instance.definition = target.definition
    for ask in progress.asks:
        instance._take(ask)

    assert [ask.element_id for ask in progress.asks if isinstance(ask, OpenTimer)] == ["late"]
    assert instance.fire("late").active == ["check"]


def test_a_renamed_task_is_found_through_the_mapping(drive):
    instance = drive(ONE, snapshots=False).start()
    target = drive(ONE.replace('"a"', '"b"'), snapshots=False)

    moved(instance, target, {"a": "b"})

    assert instance.active == ["b"]


@pytest.mark.parametrize(
    ("body", "mapping", "reason"),
    [
        (ONE.replace('"a"', '"b"'), {}, "not in the other version"),
        (ONE.replace("userTask", "manualTask"), {}, "manualTask"),
        (ONE, {"x": "a"}, "no element"),
        (
            '<startEvent id="s"/><subProcess id="sub"><userTask id="a"/></subProcess>' + flow("f1", "s", "sub"),
            {},
            "another scope",
        ),
    ],
)
def test_what_finds_no_place_is_refused_with_the_reason(drive, body, mapping, reason):
    instance = drive(ONE, snapshots=False).start()

    with pytest.raises(Invalid) as refusal:
        moved(instance, drive(body, snapshots=False), mapping)

    assert reason in str(refusal.value)
    assert instance.active == ["a"]
