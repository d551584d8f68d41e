"""Hostile and absurd files, and what became of each in a process of its own: ``python -m tests.engine.bpmn.hostile`` prints JSON."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from engine.errors import Invalid
from engine.testing import Harness
from tests.engine.diagrams import HEAD, call, diagram, end, flows, line, parallel, start, user

BOMB = '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def chain(length: int) -> bytes:
    tasks = "".join(f'<task id="t{i}"/>' for i in range(length))
    ways = "".join(f'<sequenceFlow id="f{i}" sourceRef="t{i}" targetRef="t{i + 1}"/>' for i in range(length - 1))
    return diagram(start(), tasks, end(), ways, flows("start>t0", f"t{length - 1}>end"))


def nest(depth: int) -> bytes:
    opened = "".join(f'<subProcess id="s{i}">{start(f"a{i}")}' for i in range(depth))
    closed = "".join(
        f"{end(f'z{i}')}{flows(f'a{i}>s{i + 1}', f's{i + 1}>z{i}') if i < depth - 1 else flows(f'a{i}>z{i}')}</subProcess>"
        for i in reversed(range(depth))
    )
    return diagram(start(), opened, closed, end(), flows("start>s0", "s0>end"))


def fan(width: int) -> bytes:
    ways = "".join(f'<task id="t{i}"/><sequenceFlow id="f{i}" sourceRef="g" targetRef="t{i}"/>' for i in range(width))
    return diagram(start(), parallel("g"), ways, flows("start>g"))


FILES: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "zeros": lambda: b"\0" * 100_000,
    "no root": lambda: b"<?xml version='1.0'?><!-- nothing -->",
    "another root": lambda: b"<html/>",
    "wrong namespace": lambda: line(user("a")).replace(b"http://www.omg.org/spec/BPMN/20100524/MODEL", b"urn:other"),
    "doctype": lambda: b'<!DOCTYPE d SYSTEM "file:///etc/passwd">' + line(user("a")),
    "external entity": lambda: b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + line(user("a")),
    "entity bomb": lambda: f"{BOMB}]>{HEAD}&i;</definitions>".encode(),
    "quadratic bomb": lambda: f'<!DOCTYPE d [<!ENTITY a "{"a" * 100_000}">]>{HEAD}{"&a;" * 10_000}</definitions>'.encode(),
    "chain of 5,000": lambda: chain(5000),
    "nested 49 deep": lambda: nest(49),
    "nested 300 deep": lambda: nest(300),
    "XML 5,000 deep": lambda: b"<a>" * 5000 + b"</a>" * 5000,
    "5,000 branches": lambda: fan(5000),
    "duplicate ids": lambda: diagram(start(), user("a"), user("a"), end(), flows("start>a", "a>end")),
    "calls itself": lambda: line(call("again", "p")),
    "data that names itself": lambda: diagram(
        '<dataObject id="o"/><dataObjectReference id="r" dataObjectRef="q"/><dataObjectReference id="q" dataObjectRef="r"/>',
        start(),
        end(),
        flows("start>end"),
    ),
    "label of two megabytes": lambda: line(f'<userTask id="a" name="{"水" * 700_000}"/>'),
    "id of a megabyte": lambda: line(f'<task id="{"x" * 1_000_000}"/>'),
    "documentation of five megabytes": lambda: line(
        f'<task id="a"><documentation>{"x" * 5_000_000}</documentation></task>'
    ),
    "eleven megabytes": lambda: line(f'<task id="a"><documentation>{"x" * 11_000_000}</documentation></task>'),
    "expression of a megabyte": lambda: line(
        f'<scriptTask id="a"><extensionElements><zeebe:script expression="={"1+" * 500_000}1" resultVariable="x"/>'
        "</extensionElements></scriptTask>"
    ),
}


def judge(xml: bytes) -> dict[str, object]:
    """Deploy a file and start what it holds; give what became of it, and how long it took."""
    with Harness() as h:
        began = time.process_time()
        try:
            h.deploy(xml)
            key = h.start("p")
            outcome = h.state(key)
            said = [str(each.message) for each in h.incidents()]
        except Invalid as refusal:
            outcome = "refused"
            said = [f"{each.message} ({each.remedy})" for each in refusal.problems]
        return {"outcome": outcome, "said": [each[:200] for each in said[:3]], "seconds": time.process_time() - began}


def main() -> None:
    judge(line(user("a")))  # what is loaded once is not the files' fault
    results = {name: judge(make()) for name, make in FILES.items()}
    # not ru_maxrss, which a process takes over from the one that started it
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = int(status.partition("VmHWM:")[2].split()[0]) // 1024
    sys.stdout.write(json.dumps({"files": results, "megabytes": peak}))


if __name__ == "__main__":
    main()
