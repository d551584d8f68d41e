"""One flow node by itself: the fields of its ``Element`` that need no other element."""

from __future__ import annotations

from typing import Any

from engine.bpmn.definition import ACTIVITIES, GATEWAYS, SCOPES, Binding, Kind
from engine.bpmn.read.data import DataNames
from engine.bpmn.read.events import message_event, read_events
from engine.bpmn.read.extensions import check_extensions
from engine.bpmn.read.parts import Parts, reference, title
from engine.bpmn.read.reading import Reading
from engine.bpmn.read.roots import Roots
from engine.bpmn.read.work import read_loop, read_mappings, read_properties, read_work

# attributes that are read into fields of their own
_READ = frozenset(
    {
        "id",
        "name",
        "default",
        "startQuantity",
        "completionQuantity",
        "isForCompensation",
        "attachedToRef",
        "cancelActivity",
        "isInterrupting",
        "parallelMultiple",
        "instantiate",
        "triggeredByEvent",
        "ordering",
        "cancelRemainingInstances",
        "messageRef",
        "eventGatewayType",
    }
)


def read_element(
    kind: Kind, parts: Parts, scope: str, names: DataNames, roots: Roots, reading: Reading
) -> dict[str, Any]:
    """Read a flow node inside ``scope``: {field of ``Element``: value}."""
    check_extensions(parts, reading)
    fields: dict[str, Any] = {
        "kind": kind,
        "name": title(parts.node),
        "scope": scope,
        "default": reference(parts.get("default")) or None,
        "documentation": parts.text("documentation"),
        "line": parts.node.sourceline or 0,
    }
    if parts.zeebe:
        fields["work"] = read_work(kind, parts, reading)
        fields["inputs"] = read_mappings(parts, "input", reading)
        fields["outputs"] = read_mappings(parts, "output", reading)
        fields["properties"] = read_properties(parts)
    elif kind in (Kind.USER_TASK, Kind.CALL_ACTIVITY, Kind.SCRIPT_TASK):
        fields["work"] = read_work(kind, parts, reading)
    if kind in ACTIVITIES:
        fields |= _activity(kind, parts, names, roots, reading)
    elif kind in GATEWAYS:
        fields["instantiate"] = parts.flag("instantiate", default=False)
        fields["exclusive_event_gateway"] = parts.get("eventGatewayType", "Exclusive") != "Parallel"
        fields["activation"] = reading.expression(parts.text("activationCondition"), parts.id)
    else:
        fields["events"] = read_events(parts, roots, reading)
        fields["parallel_multiple"] = parts.flag("parallelMultiple", default=False)
        if kind is Kind.BOUNDARY_EVENT:
            fields["attached_to"] = reference(parts.get("attachedToRef"))
            fields["interrupting"] = parts.flag("cancelActivity", default=True)
        elif kind is Kind.START_EVENT:
            fields["interrupting"] = parts.flag("isInterrupting", default=True)
        fields["data_in"] = names.inputs(parts, reading)
        fields["data_out"] = names.outputs(parts, reading)
    attributes = {key: value for key, value in parts.node.attrib.items() if key not in _READ and key[0] != "{"}
    if kind is Kind.START_EVENT and (form := parts.extension("formDefinition")):
        attributes["formId"] = form.get("formId") or form.get("formKey") or ""
        attributes["formBinding"] = reading.binding(form.get("bindingType"), Binding.DEPLOYMENT, parts.id)
        attributes["formVersionTag"] = form.get("versionTag") or ""
    if attributes:
        fields["attributes"] = attributes
    return fields


def _activity(kind: Kind, parts: Parts, names: DataNames, roots: Roots, reading: Reading) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "loop": read_loop(parts, names, roots, reading),
        "data_in": names.inputs(parts, reading),
        "data_out": names.outputs(parts, reading),
        "start_quantity": parts.number("startQuantity", 1),
        "completion_quantity": parts.number("completionQuantity", 1),
        "is_for_compensation": parts.flag("isForCompensation", default=False),
    }
    if kind is Kind.RECEIVE_TASK:
        fields["events"] = (message_event(parts, roots, reading),)
        fields["instantiate"] = parts.flag("instantiate", default=False)
    elif kind is Kind.SEND_TASK and parts.extension("taskDefinition") is None:
        fields["events"] = (message_event(parts, roots, reading),)
    elif kind is Kind.AD_HOC_SUB_PROCESS:
        fields["ordering_sequential"] = parts.get("ordering") == "Sequential"
        fields["completion"] = reading.expression(parts.text("completionCondition"), parts.id)
        fields["cancel_remaining"] = parts.flag("cancelRemainingInstances", default=True)
    if kind in SCOPES:
        fields["triggered_by_event"] = parts.flag("triggeredByEvent", default=False)
    return fields
