"""What can be compensated: every completion is kept in its order, and a loop does not make the list long."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from engine.bpmn import records, snapshot
from engine.bpmn.state import ElementInstance, State, Undo

sequences = st.lists(st.sampled_from("abc"), max_size=60) | st.builds(
    lambda first, round_, times, last: [*first, *round_ * times, *last],
    st.lists(st.sampled_from("ab"), max_size=3),
    st.lists(st.sampled_from("abc"), min_size=1, max_size=5),
    st.integers(1, 20),
    st.lists(st.sampled_from("abc"), max_size=3),
)


def made(ids):
    found = []
    for at, each in enumerate(ids, 1):
        records.add(found, [Undo(each, at=at)])
    return found


def taken(found):
    order = []
    while (record := records.take(found)) is not None:
        order.append(record.element_id)
    return order


@given(sequences)
def test_every_completion_is_taken_once_and_the_youngest_first(ids):
    assert taken(made(ids)) == ids[::-1]


@given(sequences)
def test_one_activity_is_parted_from_the_others_in_order(ids):
    of, others = records.part(made(ids), "a")

    assert (taken(of), taken(others)) == (["a"] * ids.count("a"), [each for each in ids[::-1] if each != "a"])
    assert records.has(made(ids), "a") == ("a" in ids)


@given(sequences, st.integers(0, 30))
def test_what_was_not_begun_comes_back_before_what_has_been_completed_since(ids, begun):
    scope, thrower = ElementInstance(1, 0, "p"), ElementInstance(2, 1, "back", undoing=made(ids), undo_in=1)
    state = State()
    state.add(scope)
    for _ in range(begun):
        records.take(thrower.undoing)
    records.add(scope.undo, [Undo("late", at=1000)])

    records.give_back(state, thrower)

    assert taken(scope.undo) == ["late", *ids[::-1][begun:]]


@given(sequences)
def test_a_snapshot_keeps_them(ids):
    inside = replace(Undo("sub", {"n": 1}, tuple(made(ids))), completed=False)
    node = ElementInstance(1, 0, "p", undo=[*made(ids), inside])

    again = snapshot.decode(1, snapshot.encode(node))

    assert again == node
    assert [each.at for each in again.undo] == [each.at for each in node.undo]


def test_the_records_of_the_first_snapshots_are_read():
    old = snapshot.decode(1, '0|{"e":"p","u":[["a",{},[]],["sub",{"n":1},[["b",{},[]]],false]]}')

    assert old.undo == [Undo("a"), Undo("sub", {"n": 1}, (Undo("b"),), completed=False)]


def test_ten_thousand_rounds_of_the_same_are_one_record():
    for round_ in (["a"], ["a", "b"], ["a", "b", "b", "a", "c"], ["a", "a", "b"] * 3 + ["c"]):
        found = made(round_ * 1000)

        assert len(snapshot.encode(ElementInstance(1, 0, "p", undo=found))) < 300
        assert taken(found) == (round_ * 1000)[::-1]
