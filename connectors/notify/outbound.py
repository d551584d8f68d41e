"""The job type ``notify:send``. It stores the notice with the step; what goes out is sent afterwards, by ``connectors.notify.post``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.calls import Answer, JobCall
from connectors.notify import recipients, store
from connectors.notify.channels import is_set_up
from connectors.notify.contacts import PORT, ContactBook
from connectors.notify.recipients import Address, Recipients
from connectors.notify.store import Notice, Outbound, OutboundState
from connectors.notify.template import Template, plain, read
from connectors.settings import ConnectorSettings
from engine.bpmn.definition import Definition, EventKind
from engine.errors import Invalid, Problem, Text
from engine.model.values import Actor
from engine.services import links, versions
from engine.store import deployments, instances, units
from engine.store.database import UnitOfWork

ACTOR = Actor("connector:notify", "notify", everything=True)
ONE_AT_A_TIME = frozenset({"vendor"})
"""What only the latest links into a case open: work that is given to another vendor is no longer the first one's."""


def send(call: JobCall) -> Answer:
    """Serve ``notify:send``: tell people something.

    Takes ``template`` (a file ``templates/{template}.toml`` of the deployment), ``to`` (see ``recipients.resolve``), ``params``, and
    ``link``: what a one-time link for those without an account opens (``track``, ``confirm_quote``, ``accept``, ``rate``, ``vendor``,
    ``pay``). Gives nothing.
    """
    params = call.variables.get("params") or {}
    if not isinstance(params, Mapping):
        raise Invalid(Problem("params", Text("must be a context of texts and numbers")))
    with call.engine.store.read() as uow:
        template, definition = _template(call, uow)
        zone = ZoneInfo(units.get(uow, call.home).zone)
    contacts: ContactBook | None = call.ports.get(PORT)
    people = recipients.resolve(
        call.engine, call.variables.get("to"), call.home, channels=template.channels, contacts=contacts
    )
    given = {**params, "all_params": dict(params)}

    def tell(uow: UnitOfWork) -> None:
        key = uow.new_key()
        zh, en = (template.fill(language, given, zone) for language in ("zh", "en"))
        told = Notice(
            key=key,
            template=template.id,
            title_zh=zh.title,
            title_en=en.title,
            body_zh=zh.body,
            body_en=en.body,
            unit=call.home,
            instance=call.instance,
            urgent=template.urgent,
            created_at=uow.now,
        )
        if call.variables.get("link") in ONE_AT_A_TIME:
            links.revoke(uow, call.instance, purpose=str(call.variables["link"]))
        due_at = uow.now if template.urgent else after_quiet(uow.now, zone, call.settings)
        out = [
            _outbound(uow, call, key, template, address, given, zone, due_at, _link(call, uow, definition, address))
            for address in people.addresses
        ]
        store.add(uow, told, [account.key for account in _in_application(template, people)], out)

    return Answer(also=tell)


def _in_application(template: Template, people: Recipients) -> tuple[Any, ...]:
    return people.users if not template.channels or "app" in template.channels else ()


def _template(call: JobCall, uow: UnitOfWork) -> tuple[Template, Definition]:
    """Give the template that was deployed with the instance's process, and the process."""
    name = str(call.variables.get("template") or "")
    if not name:
        raise Invalid(Problem("template", Text("is required")))
    version = versions.process(call.engine, uow, instances.get(uow, call.instance).definition)
    found = deployments.resources(uow, version.row.deployment, suffix=f"templates/{name}.toml")
    if not found:
        return plain(name), version.definition
    return call.engine.compiled.get(
        ("notice", found[0].content), lambda: read(name, found[0].content)
    ), version.definition


def _outbound(
    uow: UnitOfWork,
    call: JobCall,
    notice: int,
    template: Template,
    address: Address,
    params: Mapping[str, Any],
    zone: ZoneInfo,
    due_at: datetime,
    link: str,
) -> Outbound:
    language = "en" if address.locale.startswith("en") else "zh"
    words = template.fill(language, {**params, "link": link}, zone)
    body = words.body if not link or template.has_link else f"{words.body}\n{link}"
    set_up = bool(address.address) and is_set_up(call.settings, address)
    return Outbound(
        key=uow.new_key(),
        notice=notice,
        channel=address.channel,
        address=address.address,
        name=address.name,
        title=words.title,
        body=body,
        unit=call.home,
        instance=call.instance,
        state=OutboundState.WAITING if set_up else OutboundState.HELD,
        due_at=due_at,
        lease_until=None,
        attempts=0,
        error="",
        created_at=uow.now,
        sent_at=None,
    )


def _link(call: JobCall, uow: UnitOfWork, definition: Definition, address: Address) -> str:
    """Make the link that a recipient without an account gets."""
    purpose = str(call.variables.get("link") or "")
    if not purpose:
        return ""
    message = call.settings["answers"].get(purpose, "")
    element = element_for(definition, message) if message else ""
    audience = (address.name or address.address or purpose)[:200]
    made = links.add(uow, purpose=purpose, instance=call.instance, element_id=element, audience=audience, actor=ACTOR)
    return f"{call.ports.get('public_url', '')}{call.settings['link_path']}{made.token}"


def element_for(definition: Definition, message: str) -> str:
    """Give the id of the element that waits for a message of this name; empty when there is none."""
    for element in definition.elements.values():
        event = element.event(EventKind.MESSAGE)
        if event is not None and event.name is not None and event.name.constant and event.name.text == message:
            return element.id
    return ""


def after_quiet(now: datetime, zone: ZoneInfo, settings: ConnectorSettings) -> datetime:
    """Give when something that is not urgent may go out: now, or when the quiet hours of the place end."""
    begin, end = (time.fromisoformat(settings[name]) for name in ("quiet_from", "quiet_until"))
    local = now.astimezone(zone)
    at = local.time()
    quiet = begin <= at < end if begin <= end else at >= begin or at < end
    if not quiet:
        return now
    day = local.date() + timedelta(days=1 if at >= end else 0)
    return datetime.combine(day, end, zone)
