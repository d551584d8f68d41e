"""A form: what it asks, whether an answer is allowed, what it starts with, and its texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from types import MappingProxyType
from typing import Any

from engine.errors import Invalid, Problem, Text
from engine.feel import Run
from engine.feel.kinds import Kinds
from engine.forms import labels
from engine.forms.answers import Session
from engine.forms.field import Field
from engine.forms.initial import initial_values
from engine.forms.judged import judge
from engine.forms.kinds import kinds_of
from engine.forms.schema import parse, read_fields
from engine.model.json import Json

_NOTHING: Mapping[str, Any] = MappingProxyType({})


def read(content: bytes) -> Form:
    """Read a form-js schema, a JSON file as the form editor writes it.

    Raises:
        Invalid: it is no form, or something in it cannot work; one ``Problem`` each, its place a field key, a
            component id or ``component N``.
        LimitExceeded: it is too large.
    """
    schema = parse(content)
    return Form(schema, read_fields(schema))


class Form:
    """A form that was read; holds no answers.

    Attributes:
        id: what tasks refer to.
        version_tag: the name of this version, by which a process may ask for it.
        schema: as written, for the browser; numbers exact.
        fields: what takes an answer, those in groups included, those in lists inside their list.
    """

    def __init__(self, schema: Mapping[str, Any], fields: tuple[Field, ...]) -> None:
        self.id: str = schema["id"]
        self.version_tag: str = schema.get("versionTag") or ""
        self.schema = schema
        self.fields = fields

    def validate(
        self,
        values: Mapping[str, Any],
        *,
        context: Mapping[str, Any] = _NOTHING,
        now: datetime | None = None,
        zone: tzinfo | None = None,
    ) -> dict[str, Json]:
        """Check what was submitted and give the accepted, typed values.

        Args:
            values: {name: value}, nested as form-js submits them; read-only and computed ones are ignored.
            context: the variables that the server shows in the form: values of read-only fields, sources of options.
            now: the instant of the submission; the machine's clock when None.
            zone: of dates and times that name none; Asia/Shanghai when None.

        Returns:
            {name: value} of all visible fields, nested alike: numbers as ``int`` or ``Decimal``, dates and times as
            ISO text, an empty answer as the empty value of its type. Disabled fields are left out, as form-js does.

        Raises:
            Invalid: one ``Problem`` per field; its place is the field's path with dots, such as ``parts.0.name``.
        """
        if not isinstance(values, Mapping):
            raise Invalid(Problem(self.id, Text("The answers must be named values")))
        return Session(self.fields, values, context, Run({}, now, zone)).accept()

    def blank(self, context: Mapping[str, Any] = _NOTHING) -> dict[str, Json]:
        """Give the values that the form starts with: the server's, else the defaults, else empty ones."""
        return initial_values(self.fields, context)

    def kinds(self) -> Kinds:
        """Give {name: kind} of the variables that a submission sets."""
        return kinds_of(self.fields)

    def warnings(self) -> list[Problem]:
        """List what in its expressions cannot work though it compiles, by field."""
        return judge(self.fields)

    def labels(self) -> list[str]:
        """List the texts that people read, each once, for translation."""
        return labels.texts(self.schema)

    def localized(self, translate: Callable[[str], str]) -> dict[str, Any]:
        """Give the schema with its texts translated, for the browser."""
        return labels.localized(self.schema, translate)
