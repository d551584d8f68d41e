"""Writes small DMN files for tests."""

from xml.sax.saxutils import escape, quoteattr

SPACE = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def text(tag, content, **attributes):
    inside = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    return f"<{tag}{inside}><text>{escape(content)}</text></{tag}>"


def literal(content, **attributes):
    return text("literalExpression", content, **attributes)


def table(policy, inputs, outputs, *rules, aggregation=""):
    """Write a decision table.

    ``inputs`` are expressions or (expression, allowed values), ``outputs`` names or (name, output values, default);
    a rule is a list of cells, the conditions before the results.
    """
    parts = [
        f'<decisionTable id="table" hitPolicy="{policy}"'
        + (f' aggregation="{aggregation}"' if aggregation else "")
        + ">"
    ]
    for each in inputs:
        expression, allowed = each if isinstance(each, tuple) else (each, "")
        parts.append(
            "<input>"
            + text("inputExpression", expression)
            + (text("inputValues", allowed) if allowed else "")
            + "</input>"
        )
    for each in outputs:
        name, values, default = each if isinstance(each, tuple) else (each, "", "")
        inside = (text("outputValues", values) if values else "") + (
            text("defaultOutputEntry", default) if default else ""
        )
        parts.append(f'<output name="{name}">{inside}</output>')
    for number, rule in enumerate(rules, 1):
        cells = [text("inputEntry", cell) for cell in rule[: len(inputs)]]
        cells += [text("outputEntry", cell) for cell in rule[len(inputs) :]]
        parts.append(f'<rule id="rule{number}">' + "".join(cells) + "</rule>")
    return "".join(parts) + "</decisionTable>"


def decision(name, logic, *, needs=(), knows=(), type_=""):
    """Write a decision with the id of its name; ``needs`` are ``input:x`` or ``decision:x``."""
    variable = f'<variable name="{name}" typeRef="{type_}"/>' if type_ else ""
    parts = []
    for need in needs:
        kind, _, target = need.partition(":")
        tag = "requiredInput" if kind == "input" else "requiredDecision"
        parts.append(f'<informationRequirement><{tag} href="#{target}"/></informationRequirement>')
    parts += [f'<knowledgeRequirement><requiredKnowledge href="#{known}"/></knowledgeRequirement>' for known in knows]
    return f'<decision id="{name}" name="{name}">{variable}{"".join(parts)}{logic}</decision>'


def input_data(name, type_=""):
    return f'<inputData id="{name}" name="{name}"><variable name="{name}" typeRef="{type_}"/></inputData>'


def model(*elements, namespace="http://example.com/test", space=SPACE):
    body = "".join(elements)
    return f'<definitions xmlns="{space}" namespace="{namespace}" name="test" id="test">{body}</definitions>'.encode()
