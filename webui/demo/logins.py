"""The table of demo logins that a visitor reads in the terminal: one person per role, in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from unicodedata import east_asian_width

from engine.services import roles, units
from engine.services.engine import Engine
from webui.demo.company import PASSWORD, Login, Summary

FIRST = ("service_desk", "dispatcher", "technician", "engineering_supervisor", "storekeeper", "cashier", "quality")
"""The roles that play in a repair, in the order in which it meets them."""

HOME = "yunting"
HEAD = ("账号 Login", "姓名 Name", "角色 Roles", "单位 Unit")


def table(engine: Engine, summary: Summary) -> str:
    """Give the table, with the password beneath."""
    names = {role.code: f"{role.name('zh')} {role.name('en')}" for role in roles.select(engine)}
    rows = [HEAD] + [
        (
            one.login,
            f"{one.name_zh} {one.name_en}",
            ", ".join(names.get(role, role) for role in one.roles),
            " ".join(units.by_code(engine, one.unit).name(language) for language in ("zh", "en")),
        )
        for one in chosen(summary.logins)
    ]
    widths = [max(width(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = ["  ".join(pad(cell, size) for cell, size in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.insert(1, "-" * min(width(max(lines, key=width)), 100))
    return "\n".join([*lines, "", f"密码 Password: {PASSWORD}    (全部 {len(summary.logins)} 人相同 the same for all)"])


def chosen(logins: Sequence[Login]) -> Iterator[Login]:
    """Give one holder of each role, those who play in a repair first; nobody twice."""
    shown: set[str] = set()
    met: set[str] = set()
    for role in (*FIRST, *(role for one in logins for role in one.roles)):
        holders = [one for one in logins if role in one.roles]
        if role in met or not holders:
            continue
        one = min(holders, key=lambda each: (each.unit != HOME, each.roles.index(role)))
        met.update((role, *one.roles) if role not in FIRST else (role,))
        if one.login not in shown:
            shown.add(one.login)
            yield one


def width(text: str) -> int:
    """Say how many columns of a terminal a text takes."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def pad(text: str, columns: int) -> str:
    """Fill a text up with spaces."""
    return text + " " * (columns - width(text))
