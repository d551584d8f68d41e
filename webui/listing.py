"""What lists share: filters that survive in the address, and pages by key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of a list, as its address says them.

    Attributes:
        path: address of the list.
        values: {name: value}; empty ones are not written.
        defaults: what holds where the address says nothing, and is not written either.
    """

    path: str
    values: Mapping[str, str]
    defaults: Mapping[str, str]

    def __getattr__(self, name: str) -> str:
        """Give one filter by its name, for templates."""
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(name) from None

    def query(self, **changes: str) -> str:
        """Give the address' query with some filters changed."""
        kept = {**self.values, **changes}
        written = {name: value for name, value in kept.items() if value and value != self.defaults.get(name)}
        return f"?{urlencode(written)}" if written else ""

    def href(self, **changes: str) -> str:
        """Give the address of the list with some filters changed."""
        return self.path + self.query(**changes)


def read(path: str, given: Mapping[str, str], names: Mapping[str, str]) -> Filters:
    """Read filters from a query; ``names``: {filter: default}. What is too long is cut, since nobody types that."""
    values = {name: given.get(name, default).strip()[:200] for name, default in names.items()}
    return Filters(path, values, names)
