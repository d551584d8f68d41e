"""The Python expressions and assignments of SpiffWorkflow files as FEEL, as far as they call no code."""

from __future__ import annotations

import ast
from math import isfinite
from typing import Any

from engine.bpmn.importers.words import Untranslatable, name, text
from engine.errors import Text

MAX_CHARS = 10_000
_OPERATORS: dict[type, str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**",
    ast.Eq: "=", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.Is: "=", ast.IsNot: "!=", ast.And: "and", ast.Or: "or",
}  # fmt: skip
_CALLS = {"len": "count", "str": "string", "sum": "sum", "min": "min", "max": "max", "abs": "abs", "float": "number"}


def to_feel(source: str) -> str:
    """Translate an expression to FEEL without ``=``.

    Raises:
        Untranslatable: it calls code, or is no expression.
    """
    return _guarded(lambda: _write(_parse(source, "eval").body))


def assignment(source: str) -> tuple[str, str]:
    """Translate a script that is one assignment to a variable: (variable, FEEL without ``=``).

    Raises:
        Untranslatable: it is anything else.
    """
    body = _parse(source, "exec").body
    match body:
        case [
            ast.Assign(targets=[ast.Name(id=target)], value=value)
            | ast.AnnAssign(target=ast.Name(id=target), value=value)
        ]:
            if value is not None:
                return str(target), _guarded(lambda: _write(value))
        case [ast.AugAssign(target=ast.Name(id=target) as before, op=operator, value=value)]:
            return str(target), _guarded(lambda: _write(ast.BinOp(before, operator, value)))
    raise Untranslatable(Text("it is more than one assignment to a variable"))


def _parse(source: str, mode: str) -> Any:
    if len(source) > MAX_CHARS:
        raise Untranslatable(Text("it is longer than {limit} characters", limit=MAX_CHARS))
    try:
        return ast.parse(source.strip(), mode=mode)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # what the parser says about deep or absurd text
        raise Untranslatable(Text("{text} cannot be read", text=source.strip()[:80])) from None


def _guarded(write: Any) -> str:
    try:
        return str(write())
    except RecursionError:
        raise Untranslatable(Text("it is nested too deeply")) from None


def _write(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=None):
            return "null"
        case ast.Constant(value=bool(value)):
            return "true" if value else "false"
        case ast.Constant(value=int() | float() as value) if isfinite(value):
            return str(value)
        case ast.Constant(value=str(value)):
            return text(value)
        case ast.Name(id=id_):
            return name(id_)
        case ast.Attribute(value=owner, attr=member):
            return f"{_write(owner)}.{name(member)}"
        case ast.Subscript(value=owner, slice=ast.Constant(value=str(key))):
            return f"{_write(owner)}.{name(key)}"
        case ast.Subscript(value=owner, slice=ast.Constant(value=int(index))):
            return f"{_write(owner)}[{index + 1}]"  # FEEL counts from 1
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return "[" + ", ".join(map(_write, items)) + "]"
        case ast.Dict(keys=keys, values=values):
            names = [each.value for each in keys if isinstance(each, ast.Constant) and isinstance(each.value, str)]
            if len(names) == len(keys):
                entries = zip(names, values, strict=True)
                return "{" + ", ".join(f"{text(key)}: {_write(value)}" for key, value in entries) + "}"
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return f"not({_write(operand)})"
        case ast.Subscript(value=owner, slice=ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(index)))):
            return f"{_write(owner)}[-{index}]"
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return f"-{_write(operand)}"
        case ast.BoolOp(op=operator, values=values):
            return "(" + f" {_OPERATORS[type(operator)]} ".join(map(_write, values)) + ")"
        case ast.BinOp(left=left, op=ast.Mod(), right=right):
            return f"modulo({_write(left)}, {_write(right)})"
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _OPERATORS:
            return f"({_write(left)} {_OPERATORS[type(operator)]} {_write(right)})"
        case ast.IfExp(test=test, body=body, orelse=otherwise):
            return f"(if {_write(test)} then {_write(body)} else {_write(otherwise)})"
        case ast.Compare(left=left, ops=operators, comparators=rights):
            pairs = zip([left, *rights], operators, rights, strict=False)
            found = [_compare(_write(before), operator, _write(after)) for before, operator, after in pairs]
            return found[0] if len(found) == 1 else "(" + " and ".join(found) + ")"
        case ast.Call(func=ast.Name(id=function), args=arguments, keywords=[]) if function in _CALLS:
            return f"{_CALLS[function]}({', '.join(map(_write, arguments))})"
        case ast.Call(func=ast.Attribute(value=owner, attr="get"), args=[ast.Constant(value=str(key))], keywords=[]):
            return f"{_write(owner)}.{name(key)}"
        case _:
            pass
    raise Untranslatable(Text("{code} is code", code=ast.unparse(node)[:80]))


def _compare(left: str, operator: ast.cmpop, right: str) -> str:
    if isinstance(operator, ast.In):
        return f"list contains({right}, {left})"
    if isinstance(operator, ast.NotIn):
        return f"not(list contains({right}, {left}))"
    return f"({left} {_OPERATORS[type(operator)]} {right})"
