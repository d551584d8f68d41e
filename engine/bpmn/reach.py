"""Reachability in the graph of a scope: which tokens may still come to a join. Worked out once per gateway and kept with the definition."""

from __future__ import annotations

from engine.bpmn.definition import Definition, EventKind, Kind


def sources(definition: Definition, gateway_id: str) -> dict[str, frozenset[str]]:
    """Give, for each incoming flow of a gateway, the elements from which a token can come to it without passing the gateway.

    Source: BPMN 2.0.2, 13.4.3 (inclusive gateway), the directed paths that do not visit the gateway.
    """
    key = f"sources:{gateway_id}"
    if key not in definition.cache:
        back = _predecessors(definition, definition.elements[gateway_id].scope)
        definition.cache[key] = {
            flow_id: _upstream(definition.flows[flow_id].source, gateway_id, back)
            for flow_id in definition.elements[gateway_id].incoming
        }
    found: dict[str, frozenset[str]] = definition.cache[key]
    return found


def _upstream(start: str, gateway_id: str, back: dict[str, list[str]]) -> frozenset[str]:
    if start == gateway_id:
        return frozenset()
    seen = {start}
    pending = [start]
    while pending:
        for before in back.get(pending.pop(), ()):
            if before not in seen and before != gateway_id:
                seen.add(before)
                pending.append(before)
    return frozenset(seen)


def _predecessors(definition: Definition, scope: str) -> dict[str, list[str]]:
    """Give {element: elements that hand it tokens}: by flow, from an activity to its boundary events, from link to link."""
    key = f"predecessors:{scope}"
    if key not in definition.cache:
        back: dict[str, list[str]] = {}
        members = [definition.elements[child] for child in definition.elements[scope].children]
        throws = [e for e in members if e.kind is Kind.THROW_EVENT and e.event(EventKind.LINK)]
        for element in members:
            before = [definition.flows[flow].source for flow in element.incoming]
            if element.attached_to:
                before.append(element.attached_to)
            if element.kind is Kind.CATCH_EVENT and (link := element.event(EventKind.LINK)):
                before += [e.id for e in throws if (thrown := e.event(EventKind.LINK)) and thrown.link == link.link]
            back[element.id] = before
        definition.cache[key] = back
    found: dict[str, list[str]] = definition.cache[key]
    return found
