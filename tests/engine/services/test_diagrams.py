"""Diagrams to look at and to work on: drafts hold anything, one person at a time; drawings are there also where none was deployed."""

from __future__ import annotations

import pytest

from engine.bpmn.layout import drawn
from engine.errors import ConcurrentUpdate, Invalid, NotAllowed, NotFound
from engine.model.values import SYSTEM, Resource
from engine.services import diagrams, repository
from tests.engine.diagrams import HEAD, end, flows, line, start, user

PLAIN = line(user("a"))
# what other tools write and nobody executes here: a choreography task, an odd namespace, a comment, quotes of both kinds
ODD = drawn(
    f"{HEAD}<!-- from elsewhere --><collaboration id='c'><participant id='x' processRef='q'/></collaboration>"
    f'<process id="q"><extensionElements><odd:thing xmlns:odd="urn:odd" a=\'1\'/></extensionElements>{start()}'
    f'<complexGateway id="g"/>{end()}{flows("start>g", "g>end")}</process>'
    '<choreography id="ch"><startEvent id="cs"/></choreography></definitions>'.encode()
)


def test_a_drawing_is_laid_out_where_none_was_deployed_and_what_was_deployed_stays_as_it_is(office):
    repository.deploy(office.engine, [Resource("p.bpmn", PLAIN)], actor=SYSTEM)
    key = repository.latest(office.engine, "p", actor=SYSTEM).key

    assert b"BPMNShape" in diagrams.drawing(office.engine, key, actor=SYSTEM)
    assert repository.xml(office.engine, key, actor=SYSTEM) == PLAIN
    assert diagrams.export(office.engine, "p", actor=SYSTEM) == Resource("p.bpmn", PLAIN)


def test_a_draft_holds_anything_untouched_and_what_is_not_executable_is_told(office):
    row, found = diagrams.open_draft(office.engine, "odd.xml", ODD, actor=office.actor("root"))

    assert row.name == "odd.bpmn"
    assert diagrams.draft(office.engine, row.key, actor=office.actor("root")) == (row, ODD)
    assert diagrams.export(office.engine, str(row.key), actor=office.actor("root")) == Resource("odd.bpmn", ODD)
    assert [each.where for each in found.problems if each.rule == "process-drawn"] == ["q"]


def test_a_draft_without_a_diagram_gets_one(office):
    row, found = diagrams.open_draft(office.engine, "p.bpmn", PLAIN, actor=SYSTEM)

    assert found.laid_out
    assert b"BPMNShape" in diagrams.draft(office.engine, row.key, actor=SYSTEM)[1]


@pytest.mark.parametrize("content", [b"", b"no xml", b"<a/>", b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>'])
def test_what_is_no_bpmn_becomes_no_draft(office, content):
    with pytest.raises(Invalid):
        diagrams.open_draft(office.engine, "x.bpmn", content, actor=SYSTEM)

    assert diagrams.drafts(office.engine, actor=SYSTEM) == []


def test_of_two_who_save_one_draft_the_second_is_told_who_was_first(office):
    row, _ = diagrams.open_draft(office.engine, "p.bpmn", PLAIN, actor=SYSTEM)
    diagrams.save(office.engine, row.key, ODD, revision=row.revision, actor=office.actor("root"))

    with pytest.raises(ConcurrentUpdate) as refusal:
        diagrams.save(office.engine, row.key, PLAIN, revision=row.revision, actor=SYSTEM)

    assert refusal.value.actor == office.actor("root").name
    assert diagrams.draft(office.engine, row.key, actor=SYSTEM)[1] == ODD


def test_drafts_are_for_those_who_may_deploy_at_their_unit(office):
    row, _ = diagrams.open_draft(
        office.engine, "p.bpmn", PLAIN, unit=office.unit("yunting"), actor=office.actor("root")
    )
    again = diagrams.save(office.engine, row.key, ODD, revision=1, actor=office.actor("root"))

    assert diagrams.drafts(office.engine, actor=office.actor("root")) == [again]
    for name in ("alice", "bob", "carol", "mallory"):
        assert diagrams.drafts(office.engine, actor=office.actor(name)) == []
        with pytest.raises(NotAllowed):
            diagrams.open_draft(office.engine, "p.bpmn", PLAIN, actor=office.actor(name))
        for attempt in (
            lambda actor: diagrams.draft(office.engine, row.key, actor=actor),
            lambda actor: diagrams.save(office.engine, row.key, PLAIN, revision=2, actor=actor),
            lambda actor: diagrams.discard(office.engine, row.key, actor=actor),
            lambda actor: diagrams.export(office.engine, str(row.key), actor=actor),
        ):
            with pytest.raises(NotFound):
                attempt(office.actor(name))
    diagrams.discard(office.engine, row.key, actor=office.actor("root"))
    with pytest.raises(NotFound):
        diagrams.draft(office.engine, row.key, actor=office.actor("root"))
