"""Telemetry's chores and daemon, as the executor starts them."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from pathlib import Path

from connectors.calls import Context, Running
from connectors.settings import ConnectorSettings
from connectors.telemetry import drop, rules, watch
from connectors.telemetry.batch import StormLimit
from connectors.telemetry.devices import PORT
from connectors.telemetry.intake import Intake
from connectors.telemetry.mqtt import Subscriber
from connectors.telemetry.rules import RuleBook


def intake(context: Context) -> Intake:
    """Make what takes deliveries in, out of settings and the book of devices."""
    settings = context.settings
    storm = StormLimit(settings["storm_alarms"], settings["storm_within"])
    return Intake(context.engine, context.ports[PORT], rule_book(settings), storm)


def rule_book(settings: ConnectorSettings) -> RuleBook:
    """Give the rules in force: those of the setting ``rules``, else those that come with the product."""
    path = settings["rules"]
    return _own_rules(path, Path(path).stat().st_mtime_ns) if path else rules.shipped()


@lru_cache(maxsize=4)
def _own_rules(path: str, _changed_ns: int) -> RuleBook:
    """Read rules once for each time that their file was written."""
    return rules.load(Path(path).read_text(encoding="utf-8"))


def tick(context: Context) -> None:
    """Do what time alone does. Without a book of devices there is nothing to watch."""
    if PORT in context.ports:
        watch.tick(intake(context), since=watch.keep_watch(context.engine))


def subscribe(context: Context) -> Running | None:
    """Subscribe to the broker, if one is set and there is a book of devices."""
    if not context.settings["mqtt_url"] or PORT not in context.ports:
        return None
    subscriber = Subscriber(
        intake(context),
        url=context.settings["mqtt_url"],
        client_id=context.settings["mqtt_client_id"],
        user=context.settings["mqtt_user"],
        password=context.settings.secret("mqtt_password"),
    )
    subscriber.start()
    return subscriber


def forget(context: Context) -> None:
    """Let go of what nobody needs any more."""
    days = timedelta(days=context.settings["keep_days"])
    watch.forget(context.engine, seen=context.settings["repeat_window"], hours=days)


def collect(context: Context) -> None:
    """Take in what lies in the folder for files of readings, if one is set."""
    folder = context.settings["drop_dir"]
    if folder and PORT in context.ports:
        drop.collect(intake(context), Path(folder))
