"""The diagrams that the benchmarks run, made the same for us and for SpiffWorkflow, each with its own expressions."""

from __future__ import annotations

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="d" targetNamespace="t">'
)


def document(body: str, process_id: str = "p") -> bytes:
    return f'{HEAD}<process id="{process_id}" isExecutable="true">{body}</process></definitions>'.encode()


def flow(source: str, target: str, condition: str = "") -> str:
    inner = f'<conditionExpression xsi:type="tFormalExpression">{condition}</conditionExpression>' if condition else ""
    return f'<sequenceFlow id="{source}__{target}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'


def approval(*, spiff: bool = False) -> bytes:
    """A process of 35 nodes: five times (user task, script, split in two, script, merge), then three user tasks."""

    def script(id: str, n: int) -> str:
        if spiff:
            return f'<scriptTask id="{id}"><script>total = total + {n}</script></scriptTask>'
        expression = f'<zeebe:script expression="=total + {n}" resultVariable="total"/>'
        return f'<scriptTask id="{id}"><extensionElements>{expression}</extensionElements></scriptTask>'

    parts = ['<startEvent id="begin"/>']
    last = "begin"
    for n in range(5):
        parts += [
            f'<userTask id="u{n}"/>',
            script(f"c{n}", 1),
            f'<exclusiveGateway id="x{n}" default="x{n}__b{n}"/>',
            script(f"a{n}", 10),
            script(f"b{n}", 20),
            f'<exclusiveGateway id="m{n}"/>',
            flow(last, f"u{n}"),
            flow(f"u{n}", f"c{n}"),
            flow(f"c{n}", f"x{n}"),
            flow(f"x{n}", f"a{n}", ("" if spiff else "=") + "total &gt; 25"),
            flow(f"x{n}", f"b{n}"),
            flow(f"a{n}", f"m{n}"),
            flow(f"b{n}", f"m{n}"),
        ]
        last = f"m{n}"
    for n in range(5, 8):
        parts += [f'<userTask id="u{n}"/>', flow(last, f"u{n}")]
        last = f"u{n}"
    parts += ['<endEvent id="finish"/>', flow(last, "finish")]
    return document("".join(parts))


APPROVAL_TASKS = 8


def loop() -> bytes:
    """A user task, a script and a gateway back to the task."""
    script = '<zeebe:script expression="=n + 1" resultVariable="n"/>'
    return document(
        '<startEvent id="s"/><userTask id="t"/>'
        f'<scriptTask id="c"><extensionElements>{script}</extensionElements></scriptTask>'
        '<exclusiveGateway id="x" default="x__t"/><endEvent id="e"/>'
        + flow("s", "t")
        + flow("t", "c")
        + flow("c", "x")
        + flow("x", "t")
        + flow("x", "e", "=n &gt; 1000000")
    )


def fan(branches: int) -> bytes:
    """A split into many branches of one task each, and their join."""
    parts = [
        '<startEvent id="s"/><parallelGateway id="f"/><parallelGateway id="j"/><endEvent id="e"/>',
        flow("s", "f"),
        flow("j", "e"),
    ]
    for n in range(branches):
        parts += [f'<task id="t{n}"/>', flow("f", f"t{n}"), flow(f"t{n}", "j")]
    return document("".join(parts))


def chain(length: int) -> bytes:
    """Many plain tasks in a row."""
    tasks = "".join(f'<task id="t{n}"/>' for n in range(length))
    return document(
        '<startEvent id="s"/><endEvent id="e"/>'
        + tasks
        + flow("s", "t0")
        + "".join(flow(f"t{n}", f"t{n + 1}") for n in range(length - 1))
        + flow(f"t{length - 1}", "e")
    )


def many() -> bytes:
    """A parallel multi-instance user task over ``items``."""
    loop = '<zeebe:loopCharacteristics inputCollection="=items" inputElement="item"/>'
    return document(
        '<startEvent id="s"/><userTask id="m"><multiInstanceLoopCharacteristics><extensionElements>'
        + loop
        + "</extensionElements></multiInstanceLoopCharacteristics></userTask>"
        + flow("s", "m")
    )
