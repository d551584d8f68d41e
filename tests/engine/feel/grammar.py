"""Make expressions from the grammar, and damage them, from a seed."""

from __future__ import annotations

from random import Random

from engine.feel.builtins import BUILTINS

NAMES = [
    "amount",
    "limit",
    "状态",
    "items",
    "item",
    "客户 名称",
    "due",
    "a",
    "b",
    "Date-Time",
    "partial",
    "?",
    "person",
    "text",
]
CONTEXT = {
    "amount": 1200,
    "limit": 1000,
    "状态": "处理中",
    "客户 名称": "张三",
    "items": [{"price": i, "name": f"n{i}", "tags": ["x", "y"]} for i in range(5)],
    "due": "2026-03-01",
    "a": None,
    "b": True,
    "Date-Time": "2026-03-01T10:00:00",
    "person": {"name": "Li", "age": 40, "address": {"city": "上海"}},
    "text": "abc" * 10,
}
LITERALS = [
    "0", "1", "-1", "2.50", "1e9", "1E-30", "9999999999999999999999999999999999", "1e6000", ".5", "100000", "true", "false", "null",
    '""', '"abc"', '"上海"', '"\\u4e2d\\n"', '"(a+)+$"', '"^a.*?b|[^c]"', '"(.)\\\\1"', '@"2026-01-31"', '@"10:00:00"',
    '@"10:00:00@Asia/Shanghai"', '@"2026-01-31T10:00:00+08:00"', '@"2026-01-31T10:00:00.123456789@Europe/Paris"', '@"P1Y2M"',
    '@"-P1DT2H"', '@"P999999999Y"', '@"-999999999-01-01"', '@"PT0.000000001S"', "[]", "{}", "[1..10]", "(1..null)", "(< 5)",
    '("a".."f")', "[1, 2, 3]", "today()", "now()",
]  # fmt: skip
OPERATORS = ["+", "-", "*", "/", "**", "=", "!=", "<", "<=", ">", ">=", "and", "or", "in", "between"]
TYPES = [
    "number",
    "string",
    "list<number>",
    "context<a: number>",
    "function<Any>->Any",
    "range<date>",
    "date and time",
    "Any",
    "tStranger",
]
PROPERTIES = ["name", "price", "year", "time offset", "start", "months", "address", "city", "weekday", "seconds"]
FUNCTIONS = sorted(BUILTINS)
PIECES = [
    "(", ")", "[", "]", "{", "}", ",", ":", "..", ".", '"', "`", "@", "-", "->", "if ", " then ", " else ", "for ", " in ", " return ",
    " satisfies ", "function(", "not(", "//", "/*", "*/", "\\", "\n", "，", "（", "\x00", "🐎", " instance of ", "null", "?", "9" * 40,
]  # fmt: skip


def expression(random: Random, depth: int = 0) -> str:
    """Make a random expression."""
    if depth > 4 or random.random() < 0.15:
        return random.choice(LITERALS) if random.random() < 0.6 else random.choice(NAMES)
    return random.choice(_MAKERS)(random, depth + 1)


def _operation(random: Random, depth: int) -> str:
    operator = random.choice(OPERATORS)
    left, right = expression(random, depth), expression(random, depth)
    if operator == "between":
        return f"({left}) between ({right}) and ({expression(random, depth)})"
    return f"{left} {operator} {right}" if random.random() < 0.5 else f"({left}) {operator} ({right})"


def _call(random: Random, depth: int) -> str:
    arguments = ", ".join(expression(random, depth) for _ in range(random.choice([0, 1, 1, 2, 2, 3, 4])))
    return f"{random.choice(FUNCTIONS)}({arguments})"


def _named_call(random: Random, depth: int) -> str:
    name = random.choice(FUNCTIONS)
    formals = random.choice(BUILTINS[name].overloads).formals
    return f"{name}({', '.join(f'{formal.name}: {expression(random, depth)}' for formal in formals)})"


def _if(random: Random, depth: int) -> str:
    return f"if {expression(random, depth)} then {expression(random, depth)} else {expression(random, depth)}"


def _for(random: Random, depth: int) -> str:
    domain = (
        f"{random.randint(-3, 3)}..{random.choice([0, 5, 3000])}"
        if random.random() < 0.4
        else expression(random, depth)
    )
    body = expression(random, depth)
    tail = f", b in {expression(random, depth)}" if random.random() < 0.3 else ""
    keyword, close = random.choice([("for", "return"), ("some", "satisfies"), ("every", "satisfies")])
    return f"{keyword} a in {domain}{tail} {close} {body}"


def _list(random: Random, depth: int) -> str:
    return f"[{', '.join(expression(random, depth) for _ in range(random.randint(0, 4)))}]"


def _context(random: Random, depth: int) -> str:
    return f"{{{', '.join(f'k{number}: {expression(random, depth)}' for number in range(random.randint(0, 3)))}}}"


def _filter(random: Random, depth: int) -> str:
    return f"({expression(random, depth)})[{expression(random, depth)}]"


def _path(random: Random, depth: int) -> str:
    return f"({expression(random, depth)}).{random.choice(PROPERTIES)}"


def _function(random: Random, depth: int) -> str:
    made = f"function(a, b: {random.choice(TYPES)}) {expression(random, depth)}"
    return (
        f"({made})({expression(random, depth)}, {expression(random, depth)})" if random.random() < 0.7 else f"({made})"
    )


def _range(random: Random, depth: int) -> str:
    start, end = random.choice("[(]"), random.choice("])[")
    return f"{start}{expression(random, depth)}..{expression(random, depth)}{end}"


def _instance(random: Random, depth: int) -> str:
    return f"({expression(random, depth)}) instance of {random.choice(TYPES)}"


def _in(random: Random, depth: int) -> str:
    return f"({expression(random, depth)}) in (< {expression(random, depth)}, {expression(random, depth)})"


def _recursion(random: Random, depth: int) -> str:
    return f"{{f: function(a) if a = 0 then 0 else f(a - 1) + {expression(random, depth)}, r: f({random.choice([3, 50, 200])})}}.r"


_MAKERS = (
    _operation, _operation, _operation, _call, _call, _call, _named_call, _if, _for, _list, _context, _filter, _path, _function, _range,
    _instance, _in, _recursion,
)  # fmt: skip


def damaged(random: Random, text: str) -> str:
    """Change a text in a few places: characters lost, doubled, swapped, pieces put in, parts repeated."""
    for _ in range(random.randint(1, 4)):
        at = random.randint(0, len(text))
        end = min(len(text), at + random.randint(1, 6))
        match random.randint(0, 4):
            case 0:
                text = text[:at] + text[end:]
            case 1:
                text = text[:at] + random.choice(PIECES) + text[at:]
            case 2:
                text = text[:end] + text[at:end] * random.randint(1, 20) + text[end:]
            case 3:
                text = text[at:] + text[:at]
            case _:
                text = text[:at] + random.choice(PIECES) + text[end:]
    return text
