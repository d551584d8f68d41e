"""The demo's devices, made to speak: the simulator plays all of them, over HTTP or, where a broker is set, over MQTT."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from connectors.register import devices as register
from connectors.telemetry.simulator import (
    Channel,
    Fault,
    HttpChannel,
    Message,
    MqttChannel,
    Simulated,
    Simulator,
    messages,
)
from connectors.telemetry.store import alarms
from engine.model.values import SYSTEM
from engine.services import runtime, units
from engine.services.engine import Engine
from engine.store.instances import Filter
from webui.context import Parts

EVERY_S = 60.0
"""How often each device speaks: three readings a second of all together, which no machine notices."""

SEED = 20260101
FIRST_ALARM = Fault("YT-DOOR-07", 20, 900, {"door_forced": 1}, {"door_forced": 0})
"""What happens on the first day, so that a newcomer finds work in the inbox: somebody forces a door."""

SOURCE = "simulator"
LIFT = "-LIFT-"


@contextmanager
def devices(parts: Parts) -> Iterator[None]:
    """Let the devices of an installation speak meanwhile."""
    playing = simulator(parts)
    playing.start()
    try:
        yield
    finally:
        playing.stop()


def simulator(parts: Parts) -> Simulator:
    """Make the simulator of an installation."""
    engine = parts.engine
    projects = {int(unit.key): unit.code for unit in units.select(engine, kinds=("project",), actor=SYSTEM)}
    played = [
        Simulated(one.code, one.type, projects[one.project])
        for one in register.select(engine, limit=1000, actor=SYSTEM)
    ]
    faults = () if runtime.instances(engine, Filter(), actor=SYSTEM, limit=1) else (FIRST_ALARM,)
    script = messages(played, faults, seed=SEED, every_s=EVERY_S, until_s=None)
    return Simulator(channel(parts), _without_stories(script, engine))


def channel(parts: Parts) -> Channel:
    """Make the way by which devices reach an installation."""
    settings = parts.registry.settings("telemetry")
    if settings["mqtt_url"]:
        return by_mqtt(settings["mqtt_url"])
    return by_http(parts.settings.address, settings.secret("ingest_secret"))


def by_mqtt(url: str) -> Channel:
    """Make the way through a broker."""
    return MqttChannel(url)


def by_http(address: str, secret: str) -> Channel:
    """Make the way that needs no broker: signed requests."""
    return HttpChannel(f"{address}/hooks/telemetry/{SOURCE}", secret)


def _without_stories(script: Iterable[tuple[float, Message]], engine: Engine) -> Iterator[tuple[float, Message]]:
    """Leave out lifts in which somebody is trapped: a story speaks for them, and an idle reading would end it."""
    for second, message in script:
        code = message.topic.split("/")[2]
        if LIFT in code and _somebody_trapped(engine, code):
            continue
        yield second, message


def _somebody_trapped(engine: Engine, code: str) -> bool:
    with engine.store.read() as uow:
        return any(alarm.alarm_type == "trapped" and alarm.holds for alarm in alarms.open_alarms(uow, [code]))
