"""Dates, times, spans, money and files sizes, as a reader of the language in use writes them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from flask_babel import get_timezone

from webui.i18n import gettext
from webui.i18n.languages import language

_DAYS = {
    "zh": ["周一", "周二", "周三", "周四", "周五", "周六", "周日"],
    "en": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
}
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_HOUR = 60
_DAY = 24 * _HOUR


def local(at: datetime) -> datetime:
    """Give an instant as the reader's clock shows it."""
    return at.astimezone(get_timezone() or UTC)


def day(at: datetime | date, *, today: date | None = None) -> str:
    """Write a day: ``11月21日 周六`` or ``Sat 21 Nov``; with its year when that is not the present one."""
    on = local(at).date() if isinstance(at, datetime) else at
    present = (today or local(datetime.now(UTC)).date()).year
    if language() == "en":
        text = f"{_DAYS['en'][on.weekday()]} {on.day} {_MONTHS[on.month - 1]}"
        return text if on.year == present else f"{text} {on.year}"
    text = f"{on.month}月{on.day}日 {_DAYS['zh'][on.weekday()]}"
    return text if on.year == present else f"{on.year}年{text}"


def moment(at: datetime) -> str:
    """Write an instant: ``11月21日 周六 14:30`` or ``Sat 21 Nov, 14:30``."""
    return f"{day(at)}{', ' if language() == 'en' else ' '}{local(at):%H:%M}"


def span(length: timedelta) -> str:
    """Write a length of time in one or two units: ``35 min``, ``2 h 5 min``, ``3 d``."""
    minutes = int(abs(length).total_seconds() // 60)
    if minutes < _HOUR:
        return gettext("%(count)s min", count=minutes)
    if minutes < 2 * _DAY:
        hours, rest = divmod(minutes, _HOUR)
        if rest and hours < 10:
            return gettext("%(hours)s h %(minutes)s min", hours=hours, minutes=rest)
        return gettext("%(count)s h", count=hours)
    return gettext("%(count)s d", count=round(minutes / _DAY))


def due(at: datetime, *, now: datetime | None = None) -> str:
    """Say how long until an instant, or how long it has been missed: ``in 35 min``, ``2 h late``."""
    left = at - (now or datetime.now(UTC))
    return gettext("%(span)s late", span=span(left)) if left < timedelta() else gettext("in %(span)s", span=span(left))


def ago(at: datetime, *, now: datetime | None = None) -> str:
    """Say how long ago something was."""
    passed = (now or datetime.now(UTC)) - at
    return gettext("just now") if passed < timedelta(minutes=1) else gettext("%(span)s ago", span=span(passed))


def money(amount: Decimal | int | str) -> str:
    """Write an amount in yuan with two decimals: ``¥1,234.50``."""
    exact = Decimal(amount).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return f"-¥{-exact:,.2f}" if exact < 0 else f"¥{exact:,.2f}"


def number(value: Decimal | int) -> str:
    """Write a number, its thousands apart, exactly as it is."""
    return f"{value:,}"


def listed(items: Iterable[str], locale: str = "") -> str:
    """Write items in one line, in the language in use where none is named."""
    return (", " if (locale or language()) == "en" else "、").join(items)


def capped(count: int, most: int) -> str:
    """Write a count up to a limit, beyond which ``99+`` says enough."""
    return f"{most}+" if count > most else str(count)


def size(octets: int) -> str:
    """Write the size of a file."""
    if octets < 1_000_000:
        return f"{max(1, round(octets / 1000))} kB"
    return f"{f'{octets / 1_000_000:.1f}'.removesuffix('.0')} MB"
