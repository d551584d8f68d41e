"""Expressions in forms: hiding, read-only values, computed values, limits, options; and lists, whose items have their own scope."""

from decimal import Decimal

import pytest

TEXT = {"type": "textfield", "key": "name"}


def hidden(component, condition):
    return component | {"conditional": {"hide": condition}}


def test_a_hidden_field_is_dropped_and_its_rules_do_not_matter(ask):
    reason = hidden(TEXT | {"key": "reason", "validate": {"required": True}}, '=outcome = "agree"')
    outcome = TEXT | {"key": "outcome"}

    assert ask([outcome, reason], {"outcome": "agree", "reason": "never shown"}) == {"outcome": "agree"}
    assert ask([outcome, reason], {"outcome": "agree", "reason": 5}) == {"outcome": "agree"}


def test_a_visible_field_keeps_its_rules(refusals):
    reason = hidden(TEXT | {"key": "reason", "validate": {"required": True}}, '=outcome = "agree"')

    assert refusals([TEXT | {"key": "outcome"}, reason], {"outcome": "reject"}) == {"reason": "Fill this in"}


def test_a_hidden_group_hides_its_fields(ask):
    group = hidden({"type": "group", "path": "cost", "components": [TEXT]}, "=not(paid)")
    paid = {"type": "checkbox", "key": "paid"}

    assert ask([paid, group], {"paid": False, "cost": {"name": "x"}}) == {"paid": False}
    assert ask([paid, group], {"paid": True, "cost": {"name": "x"}}) == {"paid": True, "cost": {"name": "x"}}


def test_a_condition_sees_the_servers_variables(ask):
    field = hidden(TEXT, '=level != "high"')

    assert ask(field, {"name": "x"}, {"level": "high"}) == {"name": "x"}
    assert ask(field, {"name": "x"}, {"level": "low"}) == {}


def test_what_hides_another_field_and_is_hidden_itself_no_longer_counts(ask):
    kind = hidden(TEXT | {"key": "kind"}, "=plain")
    detail = hidden(TEXT | {"key": "detail"}, '=kind = "other"')
    plain = {"type": "checkbox", "key": "plain"}

    assert ask([plain, kind, detail], {"plain": True, "kind": "other", "detail": "seen"}) == {
        "plain": True,
        "detail": "seen",
    }


def test_a_condition_that_is_not_true_hides_nothing(ask):
    assert ask(hidden(TEXT, "=missing > 3"), {"name": "x"}) == {"name": "x"}


def test_a_read_only_field_has_the_servers_value_whatever_is_submitted(ask):
    price = {"type": "number", "key": "price", "readonly": True, "serializeToString": True}

    assert ask(price, {"price": "0.01"}, {"price": "99.00"}) == {"price": "99.00"}
    assert ask(price, {}, {"price": "99.00"}) == {"price": "99.00"}
    assert ask(price | {"defaultValue": "5"}, {"price": "0.01"}) == {"price": "5"}


def test_a_field_may_be_read_only_by_an_expression(ask):
    note = TEXT | {"readonly": "=closed"}

    assert ask(note, {"name": "mine"}, {"closed": True, "name": "theirs"}) == {"name": "theirs"}
    assert ask(note, {"name": "mine"}, {"closed": False, "name": "theirs"}) == {"name": "mine"}


def test_a_disabled_field_is_left_out(ask):
    assert ask(TEXT | {"disabled": True}, {"name": "mine"}, {"name": "theirs"}) == {}


def test_rules_of_read_only_fields_do_not_stop_anyone(ask):
    assert ask(TEXT | {"readonly": True, "validate": {"required": True}}, {}) == {"name": ""}


def test_a_computed_field_is_computed_by_the_server(ask):
    quantity, price = {"type": "number", "key": "quantity"}, {"type": "number", "key": "price"}
    total = {"type": "expression", "key": "total", "expression": "=quantity * price"}
    taxed = {"type": "expression", "key": "taxed", "expression": "=total * 1.06"}

    accepted = ask([taxed, quantity, price, total], {"quantity": 3, "price": Decimal("1.5"), "total": 0, "taxed": 0})

    assert accepted == {"quantity": 3, "price": Decimal("1.5"), "total": Decimal("4.5"), "taxed": Decimal("4.77")}


def test_a_computed_date_is_stored_as_text(ask):
    due = {"type": "expression", "key": "due", "expression": '=date("2026-03-10") + duration("P1D")'}

    assert ask(due, {}) == {"due": "2026-03-11"}


def test_a_computed_function_is_refused(refusals):
    assert refusals({"type": "expression", "key": "f", "expression": "=function(x) x"}, {}) == {
        "f": "This value cannot be stored"
    }


def test_a_limit_may_be_an_expression(ask, refusals):
    amount = {"type": "number", "key": "amount", "validate": {"max": "=budget - 10", "min": "=0"}}

    assert ask(amount, {"amount": 90}, {"budget": 100}) == {"amount": 90}
    assert refusals(amount, {"amount": 91}, {"budget": 100}) == {"amount": "Enter 90 or less"}
    assert ask(amount, {"amount": 91}) == {"amount": 91}  # a limit that is null is none


def test_options_may_come_from_a_variable(ask, refusals):
    room = {"type": "select", "key": "room", "valuesKey": "rooms"}
    context = {"rooms": [{"label": "1-502", "value": "r1"}, "r2", 3, None, {"label": "no value"}]}

    assert ask(room, {"room": "r1"}, context) == {"room": "r1"}
    assert ask(room, {"room": 3}, context) == {"room": 3}
    assert refusals(room, {"room": "r9"}, context) == {"room": "Choose one of the options"}
    assert refusals(room, {"room": "r1"}) == {"room": "Choose one of the options"}


def test_options_may_come_from_an_expression_over_other_answers(ask, refusals):
    city = TEXT | {"key": "city"}
    office = {"type": "radio", "key": "office", "valuesExpression": "=offices[town = city].code"}
    context = {"offices": [{"town": "Wuhan", "code": "wh"}, {"town": "Xi'an", "code": "xa"}]}

    assert ask([office, city], {"city": "Wuhan", "office": "wh"}, context) == {"city": "Wuhan", "office": "wh"}
    assert refusals([office, city], {"city": "Xi'an", "office": "wh"}, context) == {
        "office": "Choose one of the options"
    }


def test_options_may_be_contexts(ask):
    person = {"type": "taglist", "key": "people", "valuesKey": "staff"}
    alice = {"id": 7, "name": "Alice"}

    assert ask(person, {"people": [alice]}, {"staff": [{"label": "Alice", "value": alice}]}) == {"people": [alice]}


PARTS = {
    "type": "dynamiclist",
    "path": "parts",
    "components": [
        TEXT | {"validate": {"required": True}},
        {"type": "number", "key": "count", "validate": {"max": "=this.limit"}},
        hidden(TEXT | {"key": "why"}, "=this.count < 10"),
    ],
}


def test_items_of_a_list_are_checked_one_by_one(ask, refusals):
    given = [{"name": "bolt", "count": 3, "why": "hidden"}, {"name": "pump", "count": 12, "why": "old"}]

    assert ask(PARTS, {"parts": given}) == {"parts": [{"name": "bolt", "count": 3}, given[1]]}
    assert refusals(PARTS, {"parts": [{"name": "bolt"}, {"count": "x", "size": 1}]}) == {
        "parts.1.size": "This is not part of the form",
        "parts.1.name": "Fill this in",
        "parts.1.count": "Enter a number",
    }


@pytest.mark.parametrize("given", ["x", {}, [1], ["x"], {"0": {}}, [[]]])
def test_what_is_no_list_of_items_is_refused(refusals, given):
    assert "Enter a list" in refusals(PARTS, {"parts": given}).values()


def test_a_list_has_a_least_and_a_greatest_length(ask, refusals):
    few = {
        "type": "dynamiclist",
        "path": "parts",
        "components": [TEXT],
        "properties": {"minItems": "1", "maxItems": "2"},
    }

    assert ask(few, {"parts": [{"name": "a"}, {"name": "b"}]}) == {"parts": [{"name": "a"}, {"name": "b"}]}
    assert refusals(few, {}) == {"parts": "Add at least one entry"}
    assert refusals(few, {"parts": [{}] * 3}) == {"parts": "Add at most 2 entries"}


def test_a_hidden_list_is_dropped(ask):
    assert ask([hidden(PARTS, "=true")], {"parts": [{"count": "x"}]}) == {}


def test_an_empty_list_is_a_list(ask):
    assert ask(PARTS, {}) == {"parts": []}


def test_a_list_that_does_not_grow_keeps_the_servers_items(ask, refusals):
    fixed = PARTS | {"allowAddRemove": False}
    context = {"parts": [{"limit": 2}, {"limit": 5}]}

    assert refusals(fixed, {"parts": [{"name": "a"}]}, context) == {"parts": "Entries cannot be added or removed here"}
    assert refusals(fixed, {"parts": [{"name": "a", "count": 2}, {"name": "b", "count": 6}]}, context) == {
        "parts.1.count": "Enter 5 or less"
    }
    assert ask(fixed, {"parts": [{"name": "a"}, {"name": "b"}]}, context)["parts"][1] == {
        "name": "b",
        "count": None,
        "why": "",
    }


def test_an_item_keeps_its_own_read_only_values_when_another_is_removed(ask):
    priced = {
        "type": "dynamiclist",
        "path": "parts",
        "components": [
            TEXT | {"readonly": True},
            {"type": "number", "key": "price", "readonly": True},
            TEXT | {"key": "note"},
        ],
    }
    context = {"parts": [{"name": "bolt", "price": 1}, {"name": "pump", "price": 900}]}

    kept = ask(priced, {"parts": [{"name": "pump", "price": 900, "note": "yes"}]}, context)
    forged = ask(priced, {"parts": [{"name": "pump", "price": 1, "note": "yes"}]}, context)

    assert kept == {"parts": [{"name": "pump", "price": 900, "note": "yes"}]}
    assert forged == {"parts": [{"name": "", "price": None, "note": "yes"}]}


def test_lists_nest_and_their_expressions_see_parent_and_position(ask):
    inner = {
        "type": "dynamiclist",
        "path": "steps",
        "components": [
            TEXT,
            {
                "type": "expression",
                "key": "label",
                "expression": '=parent.name + " " + string(i[1]) + "." + string(i[2])',
            },
        ],
    }
    outer = {"type": "dynamiclist", "path": "stages", "components": [TEXT, inner]}

    accepted = ask(
        outer, {"stages": [{"name": "a", "steps": [{"name": "x"}, {"name": "y"}]}, {"name": "b", "steps": []}]}
    )

    assert accepted == {
        "stages": [
            {"name": "a", "steps": [{"name": "x", "label": "a 1.1"}, {"name": "y", "label": "a 1.2"}]},
            {"name": "b", "steps": []},
        ]
    }


def test_ten_thousand_answers_in_nested_lists_are_refused_not_computed(refusals):
    inner = {"type": "dynamiclist", "path": "inner", "components": [TEXT] * 1}
    outer = {"type": "dynamiclist", "path": "outer", "components": [inner], "properties": {"maxItems": 2000}}

    found = refusals(outer, {"outer": [{"inner": [{"name": "x"}] * 200}] * 200})

    assert "Add at most 200 entries" in found.values()


def test_what_the_server_hands_in_is_not_changed(ask):
    context = {"parts": [{"name": "a", "limit": 3}], "address": {"street": "x"}}
    address = {"type": "group", "path": "address", "components": [TEXT | {"key": "street"}]}

    ask([PARTS, address], {"parts": [{"name": "b", "count": 1}], "address": {"street": "y"}}, context)

    assert context == {"parts": [{"name": "a", "limit": 3}], "address": {"street": "x"}}


def test_an_expression_that_breaks_a_bound_is_a_refusal(refusals):
    slow = hidden(TEXT, "=count(for a in 1..1000, b in 1..1000 return a) > 0")

    assert list(refusals(slow, {"name": "x"})) == ["name"]


def test_an_expression_that_does_not_compile_is_refused_when_the_form_is_read(faults):
    assert "name" in faults(hidden(TEXT, "=1 +"))
    assert "name" in faults(TEXT | {"readonly": "=("})
    assert "name" in faults({"type": "number", "key": "name", "validate": {"min": "=1 +"}})
    assert "name" in faults({"type": "expression", "key": "name", "expression": "=]"})
    assert "name" in faults({"type": "select", "key": "name", "valuesExpression": "=]"})
