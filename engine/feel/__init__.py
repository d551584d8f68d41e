"""The FEEL language of DMN 1.5: parsed once, compiled to closures, exact decimals, bounded in time and memory.

Numbers are ``int`` or ``Decimal``, dates and times those of ``datetime`` (``temporal.classes`` where it does not reach), contexts
``dict``. What FEEL answers with null is None, never an exception; ``diagnose`` says why.
"""

from engine.feel.expression import (
    Expression,
    UnaryTests,
    compile_expression,
    compile_unary,
    constant,
    diagnose,
    evaluate,
    names_in,
    read,
    unary_test,
)
from engine.feel.jsonable import to_json
from engine.feel.run import Run
from engine.feel.temporal.classes import Date, DateTime, DaysTime, Time, YearsMonths
from engine.feel.values import FeelFunction, Range, accept, kind

__all__ = [
    "Date",
    "DateTime",
    "DaysTime",
    "Expression",
    "FeelFunction",
    "Range",
    "Run",
    "Time",
    "UnaryTests",
    "YearsMonths",
    "accept",
    "compile_expression",
    "compile_unary",
    "constant",
    "diagnose",
    "evaluate",
    "kind",
    "names_in",
    "read",
    "to_json",
    "unary_test",
]
