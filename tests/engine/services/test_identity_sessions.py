"""Signing in and staying signed in: refusals that tell nothing, locks that grow, sessions that end."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from engine.errors import Invalid, NotAllowed
from engine.model.values import SYSTEM
from engine.services import accounts, audit, passwords, sessions
from engine.store import accounts as account_rows
from tests.people import PASSWORD


@pytest.fixture
def office(office_in_memory):
    """One database: what takes time here is hashing, and only the race below depends on the database."""
    return office_in_memory


def refused(office, login, password="wrong"):
    with pytest.raises(NotAllowed) as error:
        sessions.authenticate(office.engine, login, password)
    return str(error.value)


def test_the_right_password_opens_a_session_with_the_roles_of_the_person(office):
    session = sessions.authenticate(office.engine, "  Alice ", PASSWORD, peer="192.0.2.1")

    assert session.account.login == "alice"
    assert session.actor == office.actor("alice")
    assert sessions.resume(office.engine, session.account.key, session.epoch).actor == session.actor


def test_an_unknown_login_a_wrong_password_and_a_disabled_account_are_refused_alike(office):
    accounts.disable(office.engine, office.key("bob"), reason="left", actor=SYSTEM)

    texts = {refused(office, "alice"), refused(office, "nobody"), refused(office, ""), refused(office, "bob", PASSWORD)}

    assert texts == {sessions.REFUSED}


def test_refusals_take_the_same_time_whether_or_not_the_login_exists(office):
    def seconds(login):
        start = time.process_time()  # what others do on this machine is not ours to tell
        refused(office, login)
        return time.process_time() - start

    accounts.create(
        office.engine, login="eve", unit=office.unit("yunting"), name_zh="夏娃", password=PASSWORD, actor=SYSTEM
    )
    seconds("nobody")  # makes the decoy
    known, unknown = min(seconds("eve") for _ in range(5)), min(seconds("nobody") for _ in range(5))

    assert 0.5 < known / unknown < 2


def test_five_wrong_passwords_lock_the_account_and_each_further_one_for_longer(office):
    start = office.engine.clock.now()
    for _ in range(5):
        refused(office, "alice")

    refused(office, "alice", PASSWORD)  # even the right one: it is locked for a minute
    office.engine.clock.move_to(start + timedelta(minutes=1))
    refused(office, "alice")  # locked for two minutes now
    office.engine.clock.move_to(start + timedelta(minutes=2))
    refused(office, "alice", PASSWORD)
    office.engine.clock.move_to(start + timedelta(minutes=3))

    assert sessions.authenticate(office.engine, "alice", PASSWORD)
    refused(office, "alice")
    assert sessions.authenticate(office.engine, "alice", PASSWORD), "the right password forgave the failures"


@pytest.mark.parametrize("where", ["office_in_memory", "office_on_server"])
def test_parallel_guesses_count_each(request, where):
    office = request.getfixturevalue(where)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: refused(office, "alice"), range(8)))

    assert refused(office, "alice", PASSWORD) == sessions.REFUSED


def test_a_lock_never_lasts_longer_than_a_quarter_of_an_hour(office):
    now = office.engine.clock.now()

    for failures in range(5, 200):
        assert sessions._locked_until(failures, now) - now <= timedelta(minutes=15)


def test_disabling_an_account_ends_its_sessions(office):
    session = sessions.authenticate(office.engine, "alice", PASSWORD)

    accounts.disable(office.engine, office.key("alice"), reason="left", actor=office.actor("root"))
    assert sessions.resume(office.engine, session.account.key, session.epoch) is None

    accounts.enable(office.engine, office.key("alice"), actor=office.actor("root"))
    assert sessions.resume(office.engine, session.account.key, session.epoch) is None, "the old session stays ended"
    assert sessions.authenticate(office.engine, "alice", PASSWORD)


def test_resuming_a_session_is_one_statement(office):
    statements = []
    session = sessions.authenticate(office.engine, "alice", PASSWORD)
    with office.engine.store.read() as uow:
        sessions._session(uow, session.account.key)
        statements.append(uow.statements)

    assert statements == [1]


def test_a_new_password_ends_every_other_session_and_opens_one(office):
    first = sessions.authenticate(office.engine, "alice", PASSWORD)

    second = sessions.change_password(office.engine, old=PASSWORD, new="another four plain words", actor=first.actor)

    assert sessions.resume(office.engine, first.account.key, first.epoch) is None
    assert sessions.resume(office.engine, second.account.key, second.epoch) is not None
    refused(office, "alice", PASSWORD)
    assert sessions.authenticate(office.engine, "alice", "another four plain words")


def test_changing_the_password_takes_the_old_one_and_guessing_it_locks(office):
    alice = office.actor("alice")

    for _ in range(5):
        with pytest.raises(Invalid, match="old password is wrong"):
            sessions.change_password(office.engine, old="wrong", new="another four plain words", actor=alice)

    with pytest.raises(Invalid, match="old password is wrong"):
        sessions.change_password(office.engine, old=PASSWORD, new="another four plain words", actor=alice)


def test_the_new_password_is_another_one(office):
    with pytest.raises(Invalid, match="choose another"):
        sessions.change_password(office.engine, old=PASSWORD, new=PASSWORD, actor=office.actor("alice"))


def test_neither_the_system_nor_a_token_changes_passwords(office):
    with pytest.raises(NotAllowed):
        sessions.change_password(office.engine, old="x", new="another four plain words", actor=SYSTEM)
    with pytest.raises(NotAllowed):
        sessions.sign_out_everywhere(office.engine, actor=SYSTEM)


def test_signing_out_everywhere_ends_all_sessions(office):
    session = sessions.authenticate(office.engine, "alice", PASSWORD)

    sessions.sign_out_everywhere(office.engine, actor=session.actor)

    assert sessions.resume(office.engine, session.account.key, session.epoch) is None


@pytest.mark.parametrize("who", ["alice", "bob", "carol", "mallory"])
def test_a_reset_is_for_administrators(office, who):
    with pytest.raises(NotAllowed):
        accounts.reset_password(office.engine, office.key("dan"), actor=office.actor(who))


def test_a_one_time_password_must_be_changed(office):
    session = sessions.authenticate(office.engine, "alice", PASSWORD)

    password = accounts.reset_password(office.engine, office.key("alice"), actor=office.actor("root"))

    assert sessions.resume(office.engine, session.account.key, session.epoch) is None
    renewed = sessions.authenticate(office.engine, "alice", password)
    assert renewed.account.must_change_password
    changed = sessions.change_password(office.engine, old=password, new="another four plain words", actor=renewed.actor)
    assert not changed.account.must_change_password


@pytest.mark.parametrize(
    "password", ["short", "alice in wonderland", "aaaaaaaaaaaa", "password1234", "1234567890", "x" * 129]
)
def test_weak_passwords_are_refused(password):
    with pytest.raises(Invalid):
        passwords.accept(password, login="alice")


def test_signing_in_renews_a_hash_that_was_made_with_weaker_parameters(office):
    def stored():
        with office.engine.store.read() as uow:
            return account_rows.credentials(uow, login="alice").password_hash

    assert passwords.is_outdated(stored())

    sessions.authenticate(office.engine, "alice", PASSWORD)

    assert not passwords.is_outdated(stored())
    assert sessions.authenticate(office.engine, "alice", PASSWORD)


def test_a_password_hash_is_never_shown():
    assert PASSWORD not in repr(passwords.hashed(PASSWORD))
    assert "argon2id" not in repr(passwords.hashed(PASSWORD))


def test_an_account_without_a_password_takes_none(office):
    accounts.create(office.engine, login="eve", unit=office.unit("yunting"), name_zh="夏娃", actor=SYSTEM)

    for guess in ("", "no password has this hash", PASSWORD):
        refused(office, "eve", guess)


def test_sign_ins_and_refusals_are_in_the_audit(office):
    sessions.authenticate(office.engine, "alice", PASSWORD, peer="192.0.2.7")
    refused(office, "alice")
    refused(office, "nobody")

    found = audit.entries(office.engine, stream=audit.SIGN_IN, actor=SYSTEM)

    assert [(entry.action, entry.subject) for entry in found] == [
        ("session.refuse", "-"),
        ("session.refuse", str(office.key("alice"))),
        ("session.open", str(office.key("alice"))),
    ]
    assert found[-1].data == {"peer": "192.0.2.7"}
