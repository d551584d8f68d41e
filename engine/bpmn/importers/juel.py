"""The expressions of Camunda 7, Operaton, Flowable and Activiti, ``${...}``, as FEEL. What calls code cannot be translated.

Source: Jakarta Expression Language 2.2, section 1 (grammar and precedence), as far as it has no side effects.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NoReturn

from engine.bpmn.importers.words import Untranslatable, name, text
from engine.errors import Text

MAX_DEPTH = 50
MAX_CHARS = 10_000
_BEGIN = re.compile(r"[$#]\{")
_PART = re.compile(r"[$#]\{((?:[^{}'\"]|'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")*)\}", re.DOTALL)
_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    |(?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    |(?P<name>[^\W\d]\w*)
    |(?P<sign>==|!=|<=|>=|&&|\|\||[-+*/%<>!?:().,\[\]]))""",
    re.VERBOSE | re.DOTALL,
)
_WORDS = {
    "and": "&&", "or": "||", "not": "!", "eq": "==", "ne": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">=",
    "div": "/", "mod": "%",
}  # fmt: skip
_LEVELS = (("||",), ("&&",), ("==", "!="), ("<", ">", "<=", ">="), ("+", "-"), ("*", "/", "%"))
_FEEL = {"||": "or", "&&": "and", "==": "=", "!=": "!="}
# what the other engine calls the counters of a multi-instance activity
_RENAMED = {
    "nrOfInstances": "numberOfInstances",
    "nrOfActiveInstances": "numberOfActiveInstances",
    "nrOfCompletedInstances": "numberOfCompletedInstances",
    "loopCounter": "(loopCounter - 1)",  # theirs counts from 0
}
# objects of the other engine, which no variable stands for here
_OBJECTS = frozenset({"execution", "caseExecution", "externalTask", "authenticatedUserId"})
_OF_TASK = frozenset(
    {
        "assignee", "owner", "id", "name", "description", "priority", "dueDate", "followUpDate", "createTime",
        "processInstanceId", "executionId", "taskDefinitionKey", "execution", "variables", "eventName",
    }
)  # fmt: skip


def is_expression(value: str) -> bool:
    """Tell whether a text has an expression in it."""
    return "${" in value or "#{" in value


def to_feel(value: str) -> str:
    """Translate a text with expressions in it to FEEL without ``=``; text around them makes it a string.

    Raises:
        Untranslatable: it calls code, or cannot be read.
    """
    value = value.strip()
    if len(value) > MAX_CHARS:
        raise Untranslatable(Text("it is longer than {limit} characters", limit=MAX_CHARS))
    parts: list[str] = []
    end = 0
    while begin := _BEGIN.search(value, end):
        found = _PART.match(value, begin.start())
        if found is None:
            raise Untranslatable(Text("{text} cannot be read", text=value[begin.start() :][:80]))
        if found[0] == value:
            return _Parser(found[1]).whole()
        if between := value[end : found.start()]:
            parts.append(text(between))
        parts.append(f"string({_Parser(found[1]).whole()})")
        end = found.end()
    rest = value[end:]
    return " + ".join([*parts, *([text(rest)] if rest else [])]) or '""'


class _Parser:
    """Reads one expression by precedence and writes FEEL on the way, with brackets around inner operations."""

    def __init__(self, source: str) -> None:
        self._tokens = _cut(source)
        self._at = 0
        self._depth = 0
        self._operations: dict[str, str] = {}  # what was written so far that needs brackets inside another operation

    def whole(self) -> str:
        found = self._choice()
        if self._kind() != "end":
            self._refuse()
        return found

    def _kind(self) -> str:
        return self._tokens[self._at][0]

    def _value(self) -> str:
        return self._tokens[self._at][1]

    def _next(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1][1]

    def _take(self, sign: str) -> bool:
        if self._kind() == "sign" and self._value() == sign:
            self._at += 1
            return True
        return False

    def _need(self, sign: str) -> None:
        if not self._take(sign):
            self._refuse()

    def _refuse(self) -> NoReturn:
        raise Untranslatable(Text("{text} is not expected there", text=self._value() or Text("the end")))

    def _nested(self, read: Callable[[], str]) -> str:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Untranslatable(Text("it is nested deeper than {limit} levels", limit=MAX_DEPTH))
        found = read()
        self._depth -= 1
        return found

    def _choice(self) -> str:
        condition = self._binary(0)
        if not self._take("?"):
            return condition
        then = self._nested(self._choice)
        self._need(":")
        return f"(if {condition} then {then} else {self._nested(self._choice)})"

    def _binary(self, level: int) -> str:
        if level == len(_LEVELS):
            return self._unary()
        left = self._binary(level + 1)
        while self._kind() == "sign" and self._value() in _LEVELS[level]:
            sign = self._next()
            right = self._binary(level + 1)
            if sign == "%":
                left = f"modulo({left}, {right})"
            else:
                left = f"{self._bracketed(left, sign)} {_FEEL.get(sign, sign)} {self._bracketed(right, sign)}"
                self._operations[left] = sign
        return left

    def _bracketed(self, operand: str, sign: str) -> str:
        inner = self._operations.get(operand)
        return operand if inner is None or (inner == sign and sign in ("&&", "||")) else f"({operand})"

    def _unary(self) -> str:
        if self._take("!"):
            return f"not({self._nested(self._unary)})"
        if self._take("-"):
            return f"-{self._nested(self._unary)}"
        if self._kind() == "name" and self._value() == "empty":
            self._at += 1
            return f'list contains([null, "", [], {{}}], {self._nested(self._unary)})'
        return self._path()

    def _path(self) -> str:
        found = self._primary()
        if found in _OBJECTS and self._tokens[self._at] != ("sign", "."):
            raise Untranslatable(Text("it hands over {owner} of the other engine", owner=found))
        while True:
            if self._take("."):
                if self._kind() != "name":
                    self._refuse()
                member = self._next()
                is_call = self._kind() == "sign" and self._value() == "("
                if not is_call and (found in _OBJECTS or (found == "task" and member in _OF_TASK)):
                    raise Untranslatable(
                        Text("it reads {owner}.{member} of the other engine", owner=found, member=member)
                    )
                found = self._method(found, member) if is_call else f"{found}.{name(member)}"
            elif self._take("["):
                found = self._index(found)
            else:
                return found

    def _index(self, found: str) -> str:
        kind, value = self._kind(), self._value()
        self._at += 1
        if kind == "string":
            self._need("]")
            return f"{found}.{name(_plain(value))}"
        if kind == "number" and value.isdigit():
            self._need("]")
            return f"{found}[{int(value) + 1}]"  # FEEL counts from 1
        raise Untranslatable(Text("an index that is calculated"))

    def _method(self, owner: str, method: str) -> str:
        """Translate the one call that is no code: reading a variable by its name."""
        self._need("(")
        if owner in ("execution", "task") and method in ("getVariable", "hasVariable") and self._kind() == "string":
            variable = name(_plain(self._next()))
            self._need(")")
            return variable if method == "getVariable" else f"({variable} != null)"
        raise Untranslatable(Text("it calls the code {owner}.{method}()", owner=owner, method=method))

    def _primary(self) -> str:
        kind, value = self._kind(), self._value()
        if kind == "sign" and value == "(":
            self._at += 1
            found = self._nested(self._choice)
            self._need(")")
            return f"({found})"
        if kind not in ("name", "number", "string"):
            self._refuse()
        self._at += 1
        if kind == "number":
            return value
        if kind == "string":
            return text(_plain(value))
        if self._kind() == "sign" and self._value() == "(":
            if value == "now" and self._tokens[self._at + 1] == ("sign", ")"):
                self._at += 1
                self._need(")")
                return "now()"
            raise Untranslatable(Text("it calls the code {name}()", name=value))
        if value in ("true", "false", "null"):
            return value
        return _RENAMED.get(value) or name(value)


def _cut(source: str) -> list[tuple[str, str]]:
    tokens = []
    at = 0
    source = source.rstrip()
    while at < len(source):
        found = _TOKEN.match(source, at)
        if found is None or found.lastgroup is None:
            raise Untranslatable(Text("{text} cannot be read", text=source[at : at + 80]))
        value = found[found.lastgroup]
        kind = found.lastgroup
        if kind == "name" and value in _WORDS:
            kind, value = "sign", _WORDS[value]
        tokens.append((kind, value))
        at = found.end()
    return [*tokens, ("end", "")]


def _plain(quoted: str) -> str:
    return re.sub(r"\\(.)", r"\1", quoted[1:-1], flags=re.DOTALL)
