"""Who may do what where, and that no question answers about anything beyond."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import Conflict, Invalid, NotAllowed, NotFound
from engine.model.values import SYSTEM, Actor, Bound
from engine.services import accounts, grants, identity, roles, units
from engine.store.units import Scope


def may(office, who, verb, kind, unit):
    actor = office.actor(who) if isinstance(who, str) else who
    with office.engine.store.read() as uow:
        return identity.allowed(uow, actor, verb, kind, office.unit(unit))


def test_a_role_reaches_the_unit_where_it_is_held_and_what_lies_beneath(office):
    assert may(office, "alice", "start", "process_instance", "yunting")
    assert may(office, "alice", "start", "process_instance", "yunting-1")


def test_a_role_reaches_neither_upward_nor_sideways(office):
    for unit in ("jinhe", "chengdu", "jinheli"):
        assert not may(office, "alice", "start", "process_instance", unit)


@pytest.mark.parametrize(
    ("who", "expected"),
    [("alice", False), ("bob", False), ("carol", True), ("mallory", False), ("dan", False), ("root", True)],
)
def test_only_a_supervisor_there_may_assign_tasks(office, who, expected):
    assert may(office, who, "assign", "user_task", "yunting") is expected


def test_the_system_may_do_anything_and_a_link_nothing(office):
    link = Actor("link:1", "Vendor", bound=Bound("task", 1))  # type: ignore[arg-type]

    assert may(office, SYSTEM, "assign", "user_task", "jinheli")
    assert not may(office, link, "read", "process_instance", "yunting")


def test_what_belongs_to_no_unit_is_only_for_those_who_may_do_everything(office):
    root = office.actor("root")

    with office.engine.store.read() as uow:
        assert not identity.allowed(uow, root, "read", "process_instance", None)
        assert identity.allowed(uow, SYSTEM, "read", "process_instance", None)


def test_asking_about_a_unit_that_does_not_exist_says_so(office):
    alice = office.actor("alice")

    with office.engine.store.read() as uow, pytest.raises(NotFound):
        identity.allowed(uow, alice, "read", "unit", 12345)


def test_a_refusal_names_the_verb_and_the_kind(office):
    alice = office.actor("alice")

    with office.engine.store.read() as uow, pytest.raises(NotAllowed, match="assign a user_task"):
        identity.require(uow, alice, "assign", "user_task", office.unit("yunting"))


def test_what_one_may_not_read_does_not_exist(office):
    with pytest.raises(NotFound):
        accounts.get(office.engine, office.key("dan"), actor=office.actor("alice"))


def test_lists_hold_what_lies_in_scope_and_nothing_else(office):
    seen = [unit.code for unit in units.select(office.engine, actor=office.actor("alice"))]
    people = [account.login for account in accounts.select(office.engine, actor=office.actor("alice"))]

    assert seen == ["yunting", "yunting-1"]
    assert people == ["alice", "bob", "carol", "mallory"]
    assert units.select(office.engine, actor=office.actor("mallory")) == []
    assert accounts.select(office.engine, actor=office.actor("mallory")) == []
    assert len(accounts.select(office.engine, actor=office.actor("root"))) == 6


def test_a_search_never_leaves_the_scope_and_takes_wildcards_literally(office):
    assert accounts.select(office.engine, text="dan", actor=office.actor("alice")) == []
    assert accounts.select(office.engine, text="%", actor=office.actor("root")) == []
    assert [account.login for account in accounts.select(office.engine, text="DAN", actor=office.actor("root"))] == [
        "dan"
    ]


def test_a_person_may_start_where_a_role_of_theirs_permits_it_and_beneath(office):
    alice, mallory, root = (office.actor(name) for name in ("alice", "mallory", "root"))

    def codes(uow, actor, **narrowed):
        return [unit.code for unit in identity.units_where(uow, actor, "start", "process_instance", **narrowed)]

    with office.engine.store.read() as uow:
        assert codes(uow, alice) == ["yunting", "yunting-1"]
        assert codes(uow, alice, kinds=("project",)) == ["yunting"]
        assert codes(uow, mallory) == []
        assert len(codes(uow, root)) == 5


def test_ancestors_go_from_the_unit_up_to_the_root(office):
    with office.engine.store.read() as uow:
        found = identity.ancestors(uow, office.unit("yunting-1"))

    assert found == tuple(office.unit(code) for code in ("yunting-1", "yunting", "chengdu", "jinhe"))


def test_holders_of_a_role_are_found_for_work_beneath_them(office):
    def logins(role, unit):
        return [account.login for account in identity.holders(office.engine, role, office.unit(unit))]

    assert logins("technician", "yunting-1") == ["alice", "bob"]
    assert logins("technician", "chengdu") == []

    accounts.disable(office.engine, office.key("bob"), reason="left", actor=SYSTEM)

    assert logins("technician", "yunting-1") == ["alice"]


def test_a_permission_check_is_one_statement_and_a_scope_two(office):
    alice = office.actor("alice")
    with office.engine.store.read() as uow:
        identity.allowed(uow, alice, "read", "file", office.unit("yunting"))
        assert uow.statements == 1
        identity.scope(uow, alice, "read", "file")
        assert uow.statements == 3


def test_a_grant_holds_only_between_its_dates(office):
    now = office.engine.clock.now()
    grants.grant(
        office.engine,
        account=office.key("mallory"),
        role="technician",
        unit=office.unit("yunting"),
        valid_from=now + timedelta(days=1),
        valid_to=now + timedelta(days=2),
        actor=SYSTEM,
    )

    for hours, expected in ((0, False), (24, True), (47, True), (48, False)):
        office.engine.clock.move_to(now + timedelta(hours=hours))
        assert may(office, "mallory", "read", "file", "yunting") is expected, hours


TREE = st.lists(st.integers(min_value=0, max_value=30), max_size=12)
PLACES = st.lists(st.integers(min_value=0, max_value=12), max_size=4)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parents=TREE, places=PLACES)
def test_a_scope_covers_exactly_the_subtrees_of_its_roots(parents, places):
    paths = ["/1/"]
    for number, parent in enumerate(parents, 2):
        paths.append(f"{paths[parent % len(paths)]}{number}/")
    roots = [paths[place % len(paths)] for place in places]

    scope = Scope.of(roots)

    for path in paths:
        assert scope.covers(path) == any(path.startswith(root) for root in roots)
    assert not any(a != b and a.startswith(b) for a in scope.paths for b in scope.paths)


def test_the_tree_has_one_root_which_only_the_installation_makes(office):
    names = {"name_zh": "二", "name_en": "Two"}

    with pytest.raises(Conflict, match="has a root already"):
        units.create(office.engine, kind="group", code="second", actor=SYSTEM, **names)
    with pytest.raises(NotAllowed):
        units.create(office.engine, kind="group", code="second", actor=office.actor("root"), **names)


@pytest.mark.parametrize("who", ["alice", "bob", "carol", "mallory"])
def test_only_administrators_change_the_organisation(office, who):
    actor = office.actor(who)

    with pytest.raises(NotAllowed):
        units.create(
            office.engine,
            kind="building",
            code="b9",
            name_zh="九",
            name_en="Nine",
            parent=office.unit("yunting"),
            actor=actor,
        )
    with pytest.raises(NotAllowed):
        units.update(office.engine, office.unit("yunting"), name_zh="新", actor=actor)


def test_a_wrong_unit_is_refused_with_every_problem(office):
    with pytest.raises(Invalid) as refused:
        units.create(
            office.engine,
            kind="company",
            code="Not A Code",
            name_zh="",
            name_en="x" * 201,
            zone="Mars/Olympus",
            parent=office.unit("yunting"),
            actor=SYSTEM,
        )

    assert [problem.where for problem in refused.value.problems] == ["code", "name_zh", "name_en", "zone", "kind"]


def test_a_code_is_used_once(office):
    with pytest.raises(Conflict, match="yunting-1"):
        units.create(
            office.engine,
            kind="building",
            code="yunting-1",
            name_zh="一",
            name_en="One",
            parent=office.unit("yunting"),
            actor=SYSTEM,
        )


def test_a_time_zone_reaches_everything_beneath_and_a_closed_unit_leaves_the_lists(office):
    units.update(office.engine, office.unit("yunting"), zone="Asia/Urumqi", actor=SYSTEM)
    units.update(office.engine, office.unit("yunting-1"), valid=False, actor=SYSTEM)

    assert units.by_code(office.engine, "yunting-1").zone == "Asia/Urumqi"
    assert units.by_code(office.engine, "jinheli").zone == "Asia/Shanghai"
    assert "yunting-1" not in [unit.code for unit in units.select(office.engine, actor=SYSTEM)]
    assert "yunting-1" in [unit.code for unit in units.select(office.engine, closed=True, actor=SYSTEM)]


def test_nobody_lends_permissions_that_they_do_not_hold(office):
    roles.define(
        office.engine, "granter", name_zh="授权", name_en="Granter", permissions=["role:grant,update"], actor=SYSTEM
    )
    for unit in ("yunting", "jinhe"):
        grants.grant(office.engine, account=office.key("bob"), role="granter", unit=office.unit(unit), actor=SYSTEM)
    bob = office.actor("bob")

    with pytest.raises(NotAllowed, match="do not hold yourself"):
        grants.grant(office.engine, account=office.key("bob"), role="admin", unit=office.unit("yunting"), actor=bob)
    with pytest.raises(NotAllowed, match="do not hold yourself"):
        roles.define(office.engine, "granter", name_zh="授权", name_en="Granter", permissions=["*:*"], actor=bob)

    grants.grant(
        office.engine, account=office.key("mallory"), role="technician", unit=office.unit("yunting"), actor=bob
    )
    assert may(office, "mallory", "start", "process_instance", "yunting")
