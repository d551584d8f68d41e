"""Write a syntax tree as text, with brackets wherever they could matter."""

from __future__ import annotations

from engine.feel import syntax
from engine.feel.numbers import text_of
from engine.feel.text import entry_name, quote


def show(node: syntax.Node) -> str:
    match node:
        case syntax.Literal(value=None):
            return "null"
        case syntax.Literal(value=bool(value)):
            return str(value).lower()
        case syntax.Literal(value=str(value)):
            return quote(value)
        case syntax.Literal(value=value):
            return text_of(value) if not str(value).startswith("-") else f"({text_of(value)})"
        case syntax.AtLiteral(text=text):
            return f"@{quote(text)}"
        case syntax.Name(name=name):
            return f"`{name}`"
        case syntax.ListLiteral(items=items):
            return f"[{', '.join(map(show, items))}]"
        case syntax.ContextLiteral(entries=entries):
            return f"{{{', '.join(f'{entry_name(name)}: {show(value)}' for name, value in entries)}}}"
        case syntax.RangeLiteral():
            start, end = "[" if node.start_included else "(", "]" if node.end_included else ")"
            return f"{start}{show(node.start)}..{show(node.end)}{end}"
        case syntax.ComparisonRange(operator=operator, operand=operand):
            return f"({operator} {inner(operand)})"
        case syntax.Span(start=start, end=end):
            return f"{show(start)}..{show(end)}"
        case syntax.If(branches=branches, otherwise=otherwise):
            chosen = " ".join(f"if {show(condition)} then {show(value)} else" for condition, value in branches)
            return f"({chosen} {show(otherwise)})"
        case syntax.For(iterators=iterators, body=body):
            return f"(for {rounds(iterators)} return {show(body)})"
        case syntax.Quantified(quantifier=quantifier, iterators=iterators, condition=condition):
            return f"({quantifier} {rounds(iterators)} satisfies {show(condition)})"
        case syntax.Logic(operator=operator, operands=operands):
            return f"({f' {operator} '.join(map(inner, operands))})"
        case syntax.Chain(first=first, rest=rest):
            return f"({inner(first)} {' '.join(f'{link.operator} {inner(link.operand)}' for link in rest)})"
        case syntax.Negation(operand=operand):
            return f"(-{inner(operand)})"
        case syntax.Between(value=value, low=low, high=high):
            return f"({inner(value)} between {inner(low)} and {inner(high)})"
        case syntax.In(value=value, tests=tests):
            return f"({inner(value)} in ({', '.join(show(test).strip() for test in tests)}))"
        case syntax.InstanceOf(value=value, type=type_):
            return f"({inner(value)} instance of {type_})"
        case syntax.Path(base=base, steps=steps):
            return inner(base) + "".join(map(step, steps))
        case syntax.Function(parameters=parameters, body=body):
            return (
                f"(function({', '.join(f'{p.name}: {p.type}' if p.type else p.name for p in parameters)}) {show(body)})"
            )
    raise AssertionError(node)


def inner(node: syntax.Node) -> str:
    text = show(node)
    return text if text[0] in "([{`" or isinstance(node, syntax.Literal | syntax.AtLiteral) else f"({text})"


def rounds(iterators: tuple[tuple[str, syntax.Node], ...]) -> str:
    return ", ".join(f"{name} in {show(domain)}" for name, domain in iterators)


def step(step_: syntax.Step) -> str:
    match step_:
        case syntax.Property(name=name):
            return f".`{name}`"
        case syntax.Filter(condition=condition):
            return f"[{show(condition)}]"
        case syntax.Call(arguments=arguments, names=None):
            return f"({', '.join(map(show, arguments))})"
        case syntax.Call(arguments=arguments, names=names):
            return f"({', '.join(f'{name}: {show(argument)}' for name, argument in zip(names or (), arguments, strict=True))})"
    raise AssertionError(step_)
