"""Links for people without an account: each opens one thing, to whoever holds it, as long as it should and no longer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.errors import Invalid, NotAllowed, NotFound
from engine.model.values import SYSTEM
from engine.services import files, identity, links, runtime, tasks


def create(office, ticket, actor=SYSTEM, **changes):
    fields = {"purpose": "track", "instance": ticket.instance, "audience": "业主 王女士", "actor": actor}
    return links.create(office.engine, **(fields | changes))


def spend(office, key):
    with office.engine.store.begin() as uow:
        links.spend(uow, key)
        uow.commit()


@pytest.mark.parametrize(
    ("who", "may"),
    [("alice", True), ("bob", True), ("carol", True), ("mallory", False), ("dan", False), ("root", True)],
)
def test_who_may_let_somebody_in(office, ticket, who, may):
    if may:
        assert create(office, ticket, office.actor(who)).token
    else:
        with pytest.raises(NotAllowed):
            create(office, ticket, office.actor(who))
        with pytest.raises(NotFound):
            links.of_instance(office.engine, ticket.instance, actor=office.actor(who))


def test_a_link_makes_an_actor_that_is_bound_to_one_thing(office, ticket):
    made = create(office, ticket, purpose="vendor", task=ticket.task, audience="安达电梯")

    link, actor = links.redeem(office.engine, made.token)

    assert (actor.id, actor.name, actor.user, actor.grants) == (f"link:{made.key}", "安达电梯", None, ())
    assert (actor.bound.purpose, actor.bound.instance, actor.bound.task) == ("vendor", ticket.instance, ticket.task)
    assert link.single_use


def test_a_link_opens_its_instance_and_nothing_beside_it(office, ticket):
    other = runtime.start(office.engine, "ticket", {}, unit=office.unit("yunting"), actor=SYSTEM)
    [task] = tasks.of_instance(office.engine, other, actor=SYSTEM)
    _, actor = links.redeem(office.engine, create(office, ticket, purpose="vendor", task=ticket.task).token)

    assert runtime.instance(office.engine, ticket.instance, actor=actor).key == ticket.instance
    for command in (
        lambda: runtime.instance(office.engine, other, actor=actor),
        lambda: tasks.task(office.engine, task.key, actor=actor),
        lambda: tasks.complete(office.engine, task.key, {}, actor=actor),
    ):
        with pytest.raises(NotFound):
            command()
    with pytest.raises(NotAllowed):
        runtime.cancel(office.engine, ticket.instance, actor=actor)
    with office.engine.store.read() as uow:
        assert identity.scope(uow, actor, "read", "process_instance").paths == ()
        assert identity.units_where(uow, actor, "read", "process_instance") == []


def test_a_vendor_does_the_task_by_the_link_once(office, ticket):
    made = create(office, ticket, purpose="vendor", task=ticket.task)
    link, actor = links.redeem(office.engine, made.token)

    tasks.complete(
        office.engine, ticket.task, {}, actor=actor, claiming=True, also=lambda uow: links.spend(uow, link.key)
    )

    [done] = tasks.of_instance(office.engine, ticket.instance, actor=SYSTEM, only_open=False)
    assert done.changed_by == f"link:{made.key}"
    with pytest.raises(NotAllowed):
        links.redeem(office.engine, made.token)


def test_a_vendors_link_ends_with_the_case_and_a_residents_does_not(office, ticket):
    vendor, track = create(office, ticket, purpose="vendor"), create(office, ticket)
    assert links.redeem(office.engine, vendor.token)

    runtime.cancel(office.engine, ticket.instance, actor=SYSTEM)

    with pytest.raises(NotAllowed):
        links.redeem(office.engine, vendor.token)
    assert links.redeem(office.engine, track.token)


def test_a_token_that_is_made_again_gives_the_link_that_there_is(office, ticket):
    first, second = (create(office, ticket, token="made of the report, 43 characters of it all") for _ in range(2))

    assert first == second
    assert len(links.of_instance(office.engine, ticket.instance, actor=SYSTEM)) == 1


def test_looking_does_not_use_a_link_up_but_acting_does(office, ticket):
    answer, track = create(office, ticket, purpose="rate"), create(office, ticket)

    for _ in range(3):
        links.redeem(office.engine, answer.token)
    spend(office, answer.key)
    spend(office, track.key)
    spend(office, track.key)

    with pytest.raises(NotAllowed):
        links.redeem(office.engine, answer.token)
    with pytest.raises(NotAllowed):
        spend(office, answer.key)
    assert links.redeem(office.engine, track.token)


def test_of_two_acts_at_once_one_happens(office, ticket):
    made = create(office, ticket, purpose="confirm_quote")

    def act(_):
        try:
            spend(office, made.key)
        except NotAllowed:
            return 0
        return 1

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(act, range(4))) == 1


def test_an_expired_a_revoked_and_an_unknown_link_are_refused_alike(office, ticket):
    expired = create(office, ticket, lasts=timedelta(hours=1))
    revoked = create(office, ticket, purpose="pay")
    office.engine.clock.advance(timedelta(hours=1))
    with office.engine.store.begin() as uow:
        assert links.revoke(uow, ticket.instance, purpose="pay") == 1
        uow.commit()

    texts = set()
    for token in (expired.token, revoked.token, "guess", ""):
        with pytest.raises(NotAllowed) as refused:
            links.redeem(office.engine, token)
        texts.add(str(refused.value))

    assert texts == {links.REFUSED}
    for key in (expired.key, revoked.key):
        with pytest.raises(NotAllowed):
            spend(office, key)


def test_tokens_are_stored_as_hashes_only(office, ticket):
    made = create(office, ticket)

    with office.engine.store.read() as uow:
        stored = uow.execute(sa.text("SELECT * FROM link")).one()

    assert made.token not in map(str, stored)
    assert len(made.token) >= 43, "256 bits"


def test_a_wrong_link_is_refused_with_every_problem(office, ticket):
    other = runtime.start(office.engine, "ticket", {}, unit=office.unit("yunting"), actor=SYSTEM)

    with pytest.raises(Invalid) as refused:
        links.create(
            office.engine,
            purpose="steal",
            instance=other,
            task=ticket.task,
            audience=" ",
            lasts=timedelta(days=1000),
            actor=SYSTEM,
        )

    assert [problem.where for problem in refused.value.problems] == ["purpose", "audience", "lasts", "task"]


def test_the_links_into_an_instance_are_listed_without_their_tokens(office, ticket):
    create(office, ticket)
    create(office, ticket, purpose="pay")

    listed = links.of_instance(office.engine, ticket.instance, actor=office.actor("carol"))

    assert [link.purpose for link in listed] == ["track", "pay"]
    assert not any(hasattr(link, "token") or hasattr(link, "token_hash") for link in listed)


def test_a_link_reads_no_file_of_another_instance(office, ticket):
    other = runtime.start(office.engine, "ticket", {}, unit=office.unit("yunting"), actor=SYSTEM)
    _, actor = links.redeem(office.engine, create(office, ticket).token)

    assert files.of_instance(office.engine, other, actor=actor) == []
