"""Accounts, grants, substitutes, tokens and the audit of all of them; each command tried by each of the cast."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.errors import Conflict, IllegalTransition, Invalid, NotAllowed, NotFound
from engine.model.values import SYSTEM, Grant
from engine.services import (
    accounts,
    audit,
    grants,
    history,
    holding,
    identity,
    inbox,
    leavers,
    roles,
    runtime,
    tasks,
    tokens,
    upkeep,
    verify,
)
from engine.store.audit import audit_entry, audit_head


def create(office, actor, **changes):
    fields = {"login": "eve", "unit": office.unit("yunting"), "name_zh": "夏娃", "actor": actor}
    return accounts.create(office.engine, **(fields | changes))


# ---- accounts


@pytest.mark.parametrize(
    ("who", "may"),
    [("alice", False), ("bob", False), ("carol", True), ("mallory", False), ("dan", False), ("root", True)],
)
def test_who_may_add_an_account_at_yunting(office, who, may):
    if may:
        assert create(office, office.actor(who)).login == "eve"
    else:
        with pytest.raises(NotAllowed):
            create(office, office.actor(who))
        assert len(accounts.select(office.engine, actor=SYSTEM)) == 6


def test_a_supervisor_adds_accounts_in_her_project_only(office):
    with pytest.raises(NotAllowed):
        create(office, office.actor("carol"), unit=office.unit("jinheli"))


def test_a_login_is_used_once_whatever_its_case(office):
    with pytest.raises(Conflict, match="alice"):
        create(office, SYSTEM, login="ALICE")


def test_every_wrong_field_of_an_account_is_reported(office):
    with pytest.raises(Invalid) as refused:
        create(office, SYSTEM, login="1", name_zh="", phone="call me", email="nowhere", locale="xx", password="short")

    assert [problem.where for problem in refused.value.problems] == [
        "name_zh",
        "phone",
        "email",
        "locale",
        "login",
        "password",
    ]


def test_everybody_chooses_a_language_and_nothing_else(office):
    alice = office.actor("alice")

    assert accounts.update(office.engine, office.key("alice"), locale="en", actor=alice).locale == "en"
    with pytest.raises(NotAllowed):
        accounts.update(office.engine, office.key("alice"), name_zh="女王", actor=alice)
    with pytest.raises(NotAllowed):
        accounts.update(office.engine, office.key("bob"), locale="en", actor=alice)


def test_an_account_moves_only_between_units_that_the_actor_administers(office):
    with pytest.raises(NotAllowed):
        accounts.update(office.engine, office.key("alice"), unit=office.unit("jinheli"), actor=office.actor("carol"))

    moved = accounts.update(office.engine, office.key("alice"), unit=office.unit("jinheli"), actor=office.actor("root"))
    assert moved.unit == office.unit("jinheli")


@pytest.mark.parametrize("who", ["alice", "bob", "carol", "mallory", "dan"])
def test_only_administrators_disable(office, who):
    with pytest.raises(NotAllowed):
        accounts.disable(office.engine, office.key("alice"), reason="", actor=office.actor(who))


def test_nobody_takes_over_an_account_that_may_do_more(office):
    roles.define(
        office.engine, "helper", name_zh="助手", name_en="Helper", permissions=["user:reset,disable,read"], actor=SYSTEM
    )
    grants.grant(office.engine, account=office.key("bob"), role="helper", unit=office.unit("jinhe"), actor=SYSTEM)
    bob = office.actor("bob")

    for command in (
        lambda: accounts.reset_password(office.engine, office.key("root"), actor=bob),
        lambda: accounts.disable(office.engine, office.key("root"), reason="", actor=bob),
        lambda: accounts.enable(office.engine, office.key("root"), actor=bob),
        lambda: tokens.create(office.engine, account=office.key("root"), name="x", actor=bob),
    ):
        with pytest.raises(NotAllowed, match="may do more than you"):
            command()

    assert accounts.reset_password(office.engine, office.key("alice"), actor=bob)


def test_the_last_administrator_stays(office):
    [grant] = [row for row in grants.of_account(office.engine, office.key("root"), actor=SYSTEM) if row.role == "admin"]

    with pytest.raises(IllegalTransition, match="last administrator"):
        accounts.disable(office.engine, office.key("root"), reason="", actor=office.actor("root"))
    with pytest.raises(IllegalTransition, match="last administrator"):
        grants.revoke(office.engine, grant.key, actor=SYSTEM)

    grants.grant(office.engine, account=office.key("carol"), role="admin", unit=office.unit("jinhe"), actor=SYSTEM)
    accounts.disable(office.engine, office.key("root"), reason="", actor=office.actor("root"))
    with pytest.raises(NotAllowed):
        office.actor("root")


def test_the_tasks_of_somebody_who_is_disabled_go_back_to_their_candidates(office, ticket):
    holding.claim(office.engine, ticket.task, actor=office.actor("alice"))

    accounts.disable(office.engine, office.key("alice"), reason="left", actor=office.actor("root"))

    assert tasks.task(office.engine, ticket.task, actor=SYSTEM).assignee is None
    holding.claim(office.engine, ticket.task, actor=office.actor("bob"))
    released = [
        event for event in history.events(office.engine, ticket.instance, actor=SYSTEM) if event.kind == "task_released"
    ]
    assert [event.data["reason"] for event in released] == ["account_disabled"]


def test_work_in_a_suspended_instance_is_re_homed_when_it_goes_on(office, ticket):
    holding.claim(office.engine, ticket.task, actor=office.actor("alice"))
    runtime.suspend(office.engine, ticket.instance, actor=SYSTEM)
    accounts.disable(office.engine, office.key("alice"), reason="left", actor=SYSTEM)
    assert tasks.task(office.engine, ticket.task, actor=SYSTEM).assignee == "alice"

    runtime.resume(office.engine, ticket.instance, actor=SYSTEM)
    upkeep.run(office.engine)

    assert tasks.task(office.engine, ticket.task, actor=SYSTEM).assignee is None
    assert leavers.rehome(office.engine) == 0


def test_a_task_that_was_given_to_a_leaver_alone_stays_in_sight_of_the_supervisor(office, ticket):
    holding.assign(office.engine, ticket.task, office.key("mallory"), actor=office.actor("carol"))

    accounts.disable(office.engine, office.key("mallory"), reason="left", actor=office.actor("root"))

    assert [found.task.key for found in inbox.everybodys(office.engine, actor=office.actor("carol")).tasks] == [
        ticket.task
    ]


# ---- grants and substitutes


@pytest.mark.parametrize("who", ["alice", "bob", "carol", "mallory"])
def test_only_administrators_grant_and_revoke(office, who):
    [held] = grants.of_account(office.engine, office.key("alice"), actor=SYSTEM)

    with pytest.raises(NotAllowed):
        grants.grant(
            office.engine,
            account=office.key(who),
            role="supervisor",
            unit=office.unit("yunting"),
            actor=office.actor(who),
        )
    with pytest.raises(NotAllowed):
        grants.revoke(office.engine, held.key, actor=office.actor(who))


def test_a_revoked_role_is_gone_at_once_and_cannot_be_revoked_again(office):
    [held] = grants.of_account(office.engine, office.key("alice"), actor=SYSTEM)

    grants.revoke(office.engine, held.key, actor=office.actor("root"))

    assert office.actor("alice").grants == ()
    with pytest.raises(NotFound):
        grants.revoke(office.engine, held.key, actor=office.actor("root"))


def test_what_does_not_exist_cannot_be_granted(office):
    for changes in ({"role": "pilot"}, {"unit": 12345}, {"account": 12345}):
        fields = {"account": office.key("alice"), "role": "technician", "unit": office.unit("yunting")} | changes
        with pytest.raises(NotFound):
            grants.grant(office.engine, actor=office.actor("root"), **fields)


def lend(office, actor, *, absent="carol", deputy="dan", days=3, **more):
    fields = {"absent": office.key(absent), "deputy": office.key(deputy), "reason": "leave"}
    fields["valid_to"] = office.engine.clock.now() + timedelta(days=days)
    return grants.stand_in(office.engine, actor=actor, **(fields | more))


def test_a_deputy_holds_the_grants_of_the_absent_person_marked_as_lent(office):
    lend(office, office.actor("carol"))

    dan = office.actor("dan")

    assert Grant("supervisor", office.unit("yunting"), of=office.key("carol")) in dan.grants
    assert Grant("technician", office.unit("jinheli")) in dan.grants
    assert dan.stands_in_for == {office.key("carol")}
    with office.engine.store.read() as uow:
        assert identity.allowed(uow, dan, "assign", "user_task", office.unit("yunting"))


def test_a_substitution_ends_by_itself_or_when_the_person_is_back(office):
    lend(office, office.actor("carol"))
    second = lend(office, office.actor("carol"), deputy="bob")

    grants.end_stand_in(office.engine, second.key, actor=office.actor("carol"))
    assert not office.actor("bob").stands_in_for
    office.engine.clock.advance(timedelta(days=3))
    assert not office.actor("dan").stands_in_for


def test_what_is_lent_is_not_lent_on(office):
    lend(office, office.actor("carol"), deputy="dan")
    lend(office, office.actor("dan"), absent="dan", deputy="bob")

    assert office.actor("bob").stands_in_for == {office.key("dan")}


def test_one_role_alone_can_be_lent(office):
    grants.grant(
        office.engine, account=office.key("carol"), role="technician", unit=office.unit("yunting"), actor=SYSTEM
    )

    lend(office, office.actor("carol"), role="technician")

    assert {grant.role for grant in office.actor("dan").grants if grant.of} == {"technician"}


@pytest.mark.parametrize(
    ("who", "may"), [("alice", False), ("bob", False), ("carol", True), ("mallory", False), ("root", True)]
)
def test_who_may_arrange_that_bob_stands_in_for_alice(office, who, may):
    if who == "alice":
        lend(office, office.actor("alice"), absent="alice", deputy="bob")  # for herself
    elif may:
        lend(office, office.actor(who), absent="alice", deputy="bob")
    else:
        with pytest.raises(NotAllowed):
            lend(office, office.actor(who), absent="alice", deputy="bob")


def test_a_senseless_substitution_is_refused_with_every_problem(office):
    with pytest.raises(Invalid) as refused:
        lend(office, SYSTEM, absent="carol", deputy="carol", days=0, reason=" ")

    assert [problem.where for problem in refused.value.problems] == ["deputy", "valid_to", "reason"]


def test_a_disabled_colleague_lends_nothing_that_was_revoked(office):
    lend(office, office.actor("carol"))
    [held] = grants.of_account(office.engine, office.key("carol"), actor=SYSTEM)

    grants.revoke(office.engine, held.key, actor=office.actor("root"))

    assert not office.actor("dan").stands_in_for


# ---- roles


def test_a_catalogue_adds_what_is_missing_and_leaves_what_administrators_changed(office):
    roles.define(office.engine, "technician", name_zh="工", name_en="Tech", permissions=[], actor=SYSTEM)
    catalogue = {
        "technician": {"zh": "维修工", "en": "Technician", "permissions": ["*:*"]},
        "cook": {"zh": "厨师", "en": "Cook", "permissions": ["stock:read"]},
    }

    assert roles.install(office.engine, catalogue, actor=SYSTEM) == ["cook"]
    assert roles.install(office.engine, catalogue, actor=SYSTEM) == []
    assert {role.code: role.name_zh for role in roles.select(office.engine)}["technician"] == "工"


def test_a_catalogue_is_checked_as_a_whole(office):
    catalogue = {"Bad Code": {"zh": "坏", "en": "Bad"}, "cook": {"zh": "", "en": "Cook", "permissions": ["no verb"]}}

    with pytest.raises(Invalid) as refused:
        roles.install(office.engine, catalogue, actor=SYSTEM)

    assert len(refused.value.problems) == 2
    assert "cook" not in {role.code for role in roles.select(office.engine)}


# ---- tokens


def test_a_token_acts_as_its_account_within_its_scopes(office):
    alice = office.actor("alice")
    _, everything = tokens.create(office.engine, account=office.key("alice"), name="phone", actor=alice)
    _, narrow = tokens.create(
        office.engine, account=office.key("alice"), name="sensor", scopes=["file:read"], actor=alice
    )

    assert tokens.authenticate(office.engine, everything) == alice
    actor = tokens.authenticate(office.engine, narrow)
    with office.engine.store.read() as uow:
        assert identity.allowed(uow, actor, "read", "file", office.unit("yunting"))
        assert not identity.allowed(uow, actor, "start", "process_instance", office.unit("yunting"))
        assert identity.scope(uow, actor, "read", "unit").paths == ()


def test_a_token_ends_when_it_expires_is_revoked_or_its_account_is_disabled(office):
    now = office.engine.clock.now()
    alice, root = office.actor("alice"), office.actor("root")
    _, short = tokens.create(
        office.engine, account=office.key("alice"), name="a", expires_at=now + timedelta(hours=1), actor=alice
    )
    second, revoked = tokens.create(office.engine, account=office.key("alice"), name="b", actor=alice)
    _, orphan = tokens.create(office.engine, account=office.key("bob"), name="c", actor=office.actor("bob"))

    office.engine.clock.advance(timedelta(hours=1))
    tokens.revoke(office.engine, second.key, actor=alice)
    accounts.disable(office.engine, office.key("bob"), reason="left", actor=root)

    for secret in (short, revoked, orphan, "pf_guess", ""):
        with pytest.raises(NotAllowed):
            tokens.authenticate(office.engine, secret)


def test_a_token_is_stored_as_a_hash_and_notes_its_use_once_a_minute(office):
    alice = office.actor("alice")
    _, secret = tokens.create(office.engine, account=office.key("alice"), name="phone", actor=alice)
    tokens.authenticate(office.engine, secret)
    first = tokens.of_account(office.engine, office.key("alice"), actor=alice)[0].used_at

    office.engine.clock.advance(timedelta(seconds=30))
    tokens.authenticate(office.engine, secret)

    assert tokens.of_account(office.engine, office.key("alice"), actor=alice)[0].used_at == first
    with office.engine.store.read() as uow:
        stored = uow.execute(sa.text("SELECT token_hash FROM api_token")).scalar_one()
    assert secret not in stored


@pytest.mark.parametrize("who", ["bob", "carol", "mallory"])
def test_nobody_else_makes_reads_or_revokes_my_tokens(office, who):
    mine, _ = tokens.create(office.engine, account=office.key("alice"), name="phone", actor=office.actor("alice"))
    actor = office.actor(who)

    for command in (
        lambda: tokens.create(office.engine, account=office.key("alice"), name="x", actor=actor),
        lambda: tokens.of_account(office.engine, office.key("alice"), actor=actor),
        lambda: tokens.revoke(office.engine, mine.key, actor=actor),
    ):
        with pytest.raises(NotAllowed):
            command()


def test_a_narrowed_token_makes_no_wider_one(office):
    _, secret = tokens.create(
        office.engine, account=office.key("root"), name="x", scopes=["user:reset"], actor=office.actor("root")
    )

    with pytest.raises(NotAllowed):
        tokens.create(
            office.engine, account=office.key("root"), name="y", actor=tokens.authenticate(office.engine, secret)
        )


# ---- audit


def test_every_change_is_in_the_audit_and_the_chain_holds(office):
    create(office, office.actor("carol"))

    entry = audit.entries(office.engine, stream=audit.ORGANISATION, actor=SYSTEM)[0]

    assert (entry.action, entry.actor, entry.actor_name) == ("account.create", f"user:{office.key('carol')}", "Carol")
    assert entry.data["login"] == "eve"
    assert verify.everything(office.engine).breaks == []


@pytest.mark.breaks_the_database
@pytest.mark.parametrize(
    "tampering",
    [
        sa.update(audit_entry).where(audit_entry.c.seq == 3).values(actor_name="somebody else"),
        sa.delete(audit_entry).where(audit_entry.c.seq == 3),
        sa.delete(audit_entry).where(audit_entry.c.seq > 3),
        sa.update(audit_head).values(seq=3),
    ],
)
def test_tampering_with_the_audit_is_found(office, tampering):
    with office.engine.store.begin() as uow:
        uow.execute(tampering)
        uow.commit()

    assert verify.everything(office.engine).breaks != []


def test_the_audit_is_read_in_scope(office):
    grants.grant(office.engine, account=office.key("carol"), role="admin", unit=office.unit("jinheli"), actor=SYSTEM)

    seen = audit.entries(office.engine, actor=office.actor("carol"))

    assert {entry.unit for entry in seen} == {office.unit("jinheli")}
    assert audit.entries(office.engine, actor=office.actor("mallory")) == []
    assert audit.entries(office.engine, actor=office.actor("alice")) == []


def test_secrets_are_not_in_the_audit(office):
    create(office, SYSTEM, password="a phrase nobody guesses")
    _, secret = tokens.create(office.engine, account=office.key("alice"), name="phone", actor=office.actor("alice"))
    reset = accounts.reset_password(office.engine, office.key("alice"), actor=SYSTEM)

    written = repr(audit.entries(office.engine, limit=1000, actor=SYSTEM))

    assert not any(text in written for text in ("a phrase nobody guesses", secret, reset, "argon2"))
