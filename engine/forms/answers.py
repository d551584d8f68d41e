"""Checks what was submitted against the fields of a form and gives the accepted values.

The order follows form-js, so that both sides agree on what is hidden: (1) answers get their types, (2) read-only fields
get the server's values, (3) expression fields are computed and conditions asked, once with all values and once without
those that the first round hid, (4) the rules of what is then visible are applied.

Source: form-js 1.23, ``ConditionChecker``, ``FormFieldInstanceRegistry`` and ``Form._getSubmitData``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from engine.errors import Invalid, Problem, Text
from engine.feel import Run
from engine.forms.choice import same
from engine.forms.field import Field, Refused, Scene
from engine.forms.initial import initial_value
from engine.forms.tree import ABSENT, At, Tree, get, undeclared

MAX_ANSWERS = 20_000
MAX_PROBLEMS = 200
MAX_ROUNDS = 10


@dataclass(slots=True)
class _Answer:
    """One field in one place of the answers: a field of the form, or of one item of a list.

    Attributes:
        at: where its value is, such as ``("parts", 0, "name")``.
        given: what was submitted, if anything.
        initial: the value that the server starts it with.
        within: the list that its item belongs to.
        value: its typed value.
        refusal: why what was submitted has no type.
        locked: its value comes from the server.
        hidden: it is not part of the form as answered.
    """

    field: Field
    at: At
    given: Any
    initial: Any
    within: _Answer | None
    value: Any = None
    refusal: Refused | None = None
    locked: bool = False
    hidden: bool = False

    @property
    def where(self) -> str:
        return ".".join(map(str, self.at))


class Session:
    """One check of one set of answers.

    Args:
        fields: of the form.
        values: what was submitted.
        context: the server's variables.
        run: the clock, the zone and the budget of its expressions.
    """

    def __init__(
        self,
        fields: Sequence[Field],
        values: Mapping[str, Any],
        context: Mapping[str, Any],
        run: Run,
    ) -> None:
        self.fields = fields
        self.values = values
        self.context = context
        self.run = run
        self.problems: dict[str, Problem] = {}
        self.answers: list[_Answer] = []
        self._data: Mapping[str, Any] = {}
        self._scenes: dict[At, Scene] = {}

    def accept(self) -> dict[str, Any]:
        """Give the accepted values.

        Raises:
            Invalid: one ``Problem`` per field that is not allowed.
        """
        for where in islice(undeclared(self.values, self.fields), MAX_PROBLEMS):
            self._problem(where, Text("This is not part of the form"), Text("Reload the page and try again"))
        self._expand(self.fields, self.values, self.context, (), None)
        self._type()
        self._settle()
        result = self._collect()
        if self.problems:
            raise Invalid(list(self.problems.values())[:MAX_PROBLEMS])
        return result

    def _problem(self, where: str, message: Text, remedy: Text | str = "") -> None:
        """Note the first problem of a place."""
        self.problems.setdefault(where, Problem(where, message, remedy))

    def _expand(self, fields: Sequence[Field], given: Any, initial: Any, base: At, within: _Answer | None) -> None:
        """List the answers of a form or of an item; those of lists come before those of their items."""
        for field in fields:
            answer = _Answer(field, (*base, *field.path), get(given, field.path), initial_value(field, initial), within)
            self.answers.append(answer)
            if field.is_list:
                self._expand_list(answer)

    def _expand_list(self, answer: _Answer) -> None:
        field, given, known = answer.field, answer.given, answer.initial
        if given is ABSENT or given is None:
            given = []
        if not isinstance(given, list) or not all(isinstance(item, Mapping) for item in given):
            answer.refusal = Refused(Text("Enter a list"))
        elif len(given) > field.limits[1] or len(self.answers) + len(given) * len(field.items) > MAX_ANSWERS:
            answer.refusal = Refused(
                Text("Add one entry only")
                if field.limits[1] == 1
                else Text("Add at most {count} entries", count=field.limits[1])
            )
        elif not field.grows and len(given) != len(known):
            answer.refusal = Refused(
                Text("Entries cannot be added or removed here"), Text("Reload the page and try again")
            )
        answer.value = []
        if answer.refusal is None:
            for number, item in enumerate(given):
                started = _started(field, known, item, number)
                answer.value.append(started)
                self._expand(field.items, item, started, (*answer.at, number), answer)

    def _type(self) -> None:
        """(1) and (2): types of answers, values of what is locked."""
        for answer in self.answers:
            answer.locked = answer.field.disabled or answer.field.readonly is True
            if not answer.field.is_list:
                self._take(answer)
        self._rebuild()
        for answer in self.answers:
            if not isinstance(answer.field.readonly, bool) and self._ask(answer, answer.field.readonly) is True:
                answer.locked, answer.value, answer.refusal = True, answer.initial, None

    def _take(self, answer: _Answer) -> None:
        """Give an answer its type; an empty one is the empty value of its field."""
        field, given = answer.field, answer.given
        if answer.locked or field.computed is not None:
            answer.value = answer.initial
        elif given is ABSENT or _is_empty(given):
            answer.value = field.empty
        elif field.asks:
            answer.value = given  # which options there are, an expression says once all values are known
        else:
            self._check(answer, Scene({}, self.context, self.run))

    def _check(self, answer: _Answer, scene: Scene) -> None:
        try:
            answer.value = answer.field.check(answer.given, scene)
        except Refused as refused:
            answer.value, answer.refusal = answer.field.empty, refused

    def _settle(self) -> None:
        """(3): computed values and visibility, in two rounds."""
        for _ in range(2):
            self._rebuild()
            self._compute()
            hidden = [self._is_hidden(answer) for answer in self.answers]
            for answer, is_hidden in zip(self.answers, hidden, strict=True):
                answer.hidden = is_hidden
        self._rebuild()
        self._compute()

    def _is_hidden(self, answer: _Answer) -> bool:
        outer: _Answer | None = answer
        while outer is not None:
            if any(self._ask(outer, condition) is True for condition in outer.field.hidden_when):
                return True
            outer = outer.within
        return False

    def _compute(self) -> None:
        """Compute expression fields; one that uses another is computed again until nothing changes."""
        computed = [answer for answer in self.answers if answer.field.computed is not None and not answer.hidden]
        for _ in range(min(len(computed), MAX_ROUNDS)):
            changed = False
            for answer in computed:
                value = self._ask(answer, answer.field.computed)
                if not same(value, answer.value):
                    answer.value, changed = value, True
            if not changed:
                return
            self._rebuild()

    def _rebuild(self) -> None:
        """Put all values together for expressions; what is hidden shows what it started with."""
        tree = Tree(self.context)
        for answer in self.answers:
            if answer.within is None or not answer.within.hidden:
                tree.put(
                    answer.at,
                    list(answer.initial if answer.hidden else answer.value)
                    if answer.field.is_list
                    else answer.initial
                    if answer.hidden
                    else answer.value,
                )
        self._scenes.clear()
        self._data = tree.root

    def _scene(self, answer: _Answer) -> Scene:
        """Give what the expressions of an answer see; its item is ``this``."""
        outer = answer.within
        item: At = () if outer is None else answer.at[: len(outer.at) + 1]
        scene = self._scenes.get(item)
        if scene is None:
            special: dict[str, Any] = {"this": self._data, "parent": None, "i": []}
            if outer is not None:
                above = self._scene(outer).names
                this = get(self._data, item)
                special = {
                    "this": {} if this is ABSENT else this,
                    "parent": above["_this_"],
                    "i": [*above["_i_"], int(item[-1]) + 1],
                }
            underscored = {f"_{name}_": value for name, value in special.items()}
            scene = Scene({**special, **self._data, **underscored}, self.context, self.run)
            self._scenes[item] = scene
        return scene

    def _ask(self, answer: _Answer, expression: Any) -> Any:
        """Evaluate an expression of a field to a JSON value; what cannot be evaluated is a problem, and null."""
        try:
            return self._scene(answer).ask(expression)
        except Refused as refused:
            self._problem(answer.where, refused.message, refused.remedy)
            return None

    def _collect(self) -> dict[str, Any]:
        """(4): rules, and the accepted values of what is visible."""
        result = Tree({})
        for answer in self.answers:
            if answer.hidden or answer.field.disabled:
                continue
            self._apply(answer)
            result.put(answer.at, [{} for _ in answer.value] if answer.field.is_list else answer.value)
        return result.root

    def _apply(self, answer: _Answer) -> None:
        field = answer.field
        if answer.locked or field.computed is not None:
            return
        scene = self._scene(answer)
        if field.asks and not _is_empty(answer.value):
            self._check(answer, scene)
        try:
            if answer.refusal is not None:
                raise answer.refusal
            if _is_empty(answer.value) or (answer.value is False and field.type == "checkbox"):
                if field.required:
                    raise Refused(_MISSING.get(field.type, Text("Fill this in")))
            elif not field.is_list:
                for rule in field.rules:
                    rule(answer.value, scene)
            if field.is_list and len(answer.value) < field.limits[0]:
                raise Refused(
                    Text("Add at least one entry")
                    if field.limits[0] == 1
                    else Text("Add at least {count} entries", count=field.limits[0])
                )
        except Refused as refused:
            self._problem(answer.where, refused.message, refused.remedy)


def _is_empty(value: Any) -> bool:
    return value is None or value == "" or value == []


def _started(field: Field, started: Any, item: Any, number: int) -> Any:
    """Give what the server knows about an item of a list.

    Items have no identity of their own. Where they can be removed, an item is one of the server's when all its
    read-only values are; so nobody can take the price of one line for another. Otherwise the order tells.
    """
    locked = [inner for inner in field.items if inner.readonly is not False and not inner.is_list]
    if field.grows and locked:
        for candidate in started:
            if all(same(get(candidate, inner.path), get(item, inner.path)) for inner in locked):
                return candidate
        return {}
    return started[number] if number < len(started) else {}


_MISSING = {
    "checkbox": Text("Tick this box"),
    "radio": Text("Choose one of the options"),
    "select": Text("Choose one of the options"),
    "checklist": Text("Choose at least one option"),
    "taglist": Text("Choose at least one option"),
    "filepicker": Text("Attach a file"),
    "datetime": Text("Choose a date or time"),
    "dynamiclist": Text("Add at least one entry"),
}
