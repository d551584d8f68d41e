"""Which event is booked how: the entries of a property company, as pure functions on the parts of the chart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from connectors.ledger.chart import Chart, Rates
from connectors.ledger.money import net_of
from connectors.ledger.voucher import Line, credit, debit

METHODS: Mapping[str, str] = {
    "cash": "cash",
    "pos": "bank",
    "bank": "bank",
    "cheque": "bank",
    "wechat": "gateway",
    "alipay": "gateway",
}
"""{how somebody paid: the part of the account that the money is in}"""


@dataclass(frozen=True, slots=True)
class Supply:
    """Something that is charged for: a kind with a VAT rate, the price with VAT, and the part of the income account."""

    kind: str
    gross_fen: int
    income: str


def charge(
    supplies: tuple[Supply, ...], chart: Chart, rates: Rates, day: date, about: Mapping[str, str]
) -> tuple[Line, ...]:
    """Charge somebody: receivable against income and output VAT. VAT is split per supply, since rates differ."""
    total = sum(supply.gross_fen for supply in supplies)
    lines = [debit(chart.role("receivable"), total, **about)]
    taxes = 0
    for supply in supplies:
        net, tax = net_of(supply.gross_fen, rates.on(supply.kind, day))
        lines.append(credit(chart.role(supply.income), net, **about))
        taxes += tax
    lines.append(credit(chart.role("output_tax"), taxes, **about))
    return tuple(lines)


def cost(fen: int, chart: Chart, about: Mapping[str, str], *, public: bool) -> tuple[Line, ...]:
    """Book materials that a repair used: of common parts as main cost, of paid work as cost of other income."""
    part = "public_cost" if public else "repair_cost"
    return (debit(chart.role(part), fen, **about), credit(chart.role("materials"), fen, **about))


def receipt(
    chart: Chart,
    *,
    method: str,
    allocated: Mapping[str, int],
    prepaid_fen: int,
    unclaimed_fen: int,
    rounding_fen: int,
    about: Mapping[str, str],
) -> tuple[Line, ...]:
    """Book money that came in.

    Args:
        method: how it was paid; decides where the money is.
        allocated: {receivable: fen that it is reduced by}.
        prepaid_fen: what is left over, to the credit of the payer.
        unclaimed_fen: what nobody can be named for yet.
        rounding_fen: what is forgiven: the receivable is reduced by it though it did not come.
    """
    came = sum(allocated.values()) + prepaid_fen + unclaimed_fen - rounding_fen
    money = chart.role(METHODS[method])
    return (
        debit(money, came, **about),
        debit(chart.role("rounding"), rounding_fen, **about),
        *(
            credit(chart.role("receivable"), fen, **{**about, "receivable": key})
            for key, fen in sorted(allocated.items())
        ),
        credit(chart.role("prepaid"), prepaid_fen, **about),
        credit(chart.role("unclaimed"), unclaimed_fen, **about),
    )
