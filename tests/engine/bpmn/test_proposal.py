"""Proposing where the elements of one version belong in another."""

from engine.bpmn.proposal import could_be, propose

HEAD = '<startEvent id="s"/>'


def flow(source, target):
    return f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}"/>'


def chained(*elements):
    """A process of (id, XML) one after the other."""
    ids = ["s", *(id for id, _ in elements), "e"]
    bodies = "".join(xml for _, xml in elements)
    return HEAD + bodies + '<endEvent id="e"/>' + "".join(map(flow, ids[:-1], ids[1:]))


def user(id, name=""):
    return id, f'<userTask id="{id}" name="{name}"/>'


def proposed(drive, here, there, **more):
    return propose(drive(here, **more).definition, drive(there, **more).definition)


def pairs(found):
    return {pair.source: (pair.target, pair.why.value) for pair in found.pairs if pair.why != "same_id"}


def test_an_unchanged_process_maps_to_itself(drive):
    body = chained(user("a"), user("b"))

    found = proposed(drive, body, body)

    assert {pair.source: pair.target for pair in found.pairs} == {id: id for id in ("s", "a", "b", "e")}
    assert found.mapping == {} and found.undecided == ()


def test_a_renamed_element_is_found_by_its_name(drive):
    found = proposed(drive, chained(user("a", "Look"), user("b", "Pay")), chained(user("x", "Pay"), user("y", "Look")))

    assert pairs(found) == {"a": ("y", "same_name"), "b": ("x", "same_name")}


def test_an_element_without_a_name_is_found_between_its_neighbours(drive):
    found = proposed(drive, chained(user("a"), user("b"), user("c")), chained(user("a"), user("x"), user("c")))

    assert pairs(found) == {"b": ("x", "same_neighbours")}


def test_what_was_found_helps_to_find_more(drive):
    here, there = (
        chained(user("a"), *(user(id) for id in ids), user("z")) for ids in (("b", "c", "x"), ("k", "l", "m"))
    )

    assert pairs(proposed(drive, here, there)) == {
        id: (other, "same_neighbours") for id, other in zip("bcx", "klm", strict=True)
    }


def test_what_is_not_clear_is_left_to_a_person_with_what_it_could_be(drive):
    fork, join = '<parallelGateway id="f"/>', '<parallelGateway id="j"/>'

    def both(first, second):
        ends = flow("s", "f") + flow("j", "e") + '<endEvent id="e"/>'
        arms = "".join(user(id, "Do")[1] + flow("f", id) + flow(id, "j") for id in (first, second))
        return HEAD + fork + arms + join + ends

    found = proposed(drive, both("a", "b"), both("x", "y"))

    assert pairs(found) == {}
    assert {each.source: each.candidates for each in found.undecided} == {"a": ("x", "y"), "b": ("x", "y")}


def test_an_element_of_another_kind_or_that_is_gone_is_left_to_a_person(drive):
    service = ("a", '<serviceTask id="a" name="Look"/>')

    found = proposed(drive, chained(user("a", "Look"), user("b")), chained(service))

    assert [(each.source, each.candidates) for each in found.undecided] == [("a", ()), ("b", ())]


def test_elements_keep_to_their_scopes_and_follow_a_renamed_one(drive):
    def boxed(box, task):
        return chained(
            (
                box,
                f'<subProcess id="{box}" name="Box"><startEvent id="is"/>{user(task, "Look")[1]}{flow("is", task)}</subProcess>',
            )
        )

    assert pairs(proposed(drive, boxed("one", "a"), boxed("two", "b"))) == {
        "one": ("two", "same_name"),
        "a": ("b", "same_name"),
    }
    outside = proposed(drive, boxed("one", "a"), chained(user("a", "Look")))
    assert {each.source for each in outside.undecided} == {"one", "is", "a"}


def test_boundary_events_follow_their_activity_and_keep_what_they_wait_for(drive):
    def timed(task, event, kind="timer"):
        inner = "<timeDuration>PT1H</timeDuration>" if kind == "timer" else ""
        reference = "" if kind == "timer" else ' signalRef="sig"'
        definition = f"<{kind}EventDefinition{reference}>{inner}</{kind}EventDefinition>"
        body = chained(user(task, "Look")).replace('<endEvent id="e"/>', "")
        return (
            body
            + f'<boundaryEvent id="{event}" attachedToRef="{task}">{definition}</boundaryEvent><endEvent id="e"/>'
            + flow(event, "e")
        )

    signal = '<signal id="sig" name="sig"/>'
    same = proposed(drive, timed("a", "late"), timed("b", "later"), roots=signal)
    assert pairs(same) == {"a": ("b", "same_name"), "late": ("later", "same_neighbours")}
    other = proposed(drive, timed("a", "late"), timed("b", "late", "signal"), roots=signal)
    assert [each.source for each in other.undecided] == ["late"]


def test_an_element_could_be_what_is_of_its_kind_where_its_part_has_gone(drive):
    def boxed(box, task):
        return (
            box,
            f'<subProcess id="{box}"><startEvent id="s{box}"/>{user(task)[1]}{flow(f"s{box}", task)}</subProcess>',
        )

    here = drive(chained(user("a"), boxed("one", "i"))).definition
    there = drive(chained(user("b"), boxed("two", "j"), boxed("three", "k"), user("c"))).definition
    place = {here.process_id: there.process_id}

    assert could_be(here, there, "a", place) == ["b", "c"]
    assert could_be(here, there, "one", place) == ["two", "three"]
    assert could_be(here, there, "i", place) == []
    assert could_be(here, there, "i", place | {"one": "three"}) == ["k"]
