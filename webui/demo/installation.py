"""The demo installation: the demo company with its processes, parts and settings, made in whatever is missing of it."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import connectors.telemetry
from engine.model.values import SYSTEM
from engine.services import repository
from engine.services.engine import Engine
from webui.cli import folder
from webui.demo import company, parts
from webui.demo.company import Summary
from webui.settings import Settings

PROCESSES = Path(__file__).parents[2] / "processes"
DEPLOYED = ("parts_request", "collect_single", "repair_ticket")
"""The processes of the demo, those that are called before those that call them."""

ORGANISATION = "成都锦和物业服务有限公司"
STABLE_S = 20
"""How long a cleared alarm must stay cleared in the demo, where nobody wants to wait ten minutes for it."""

RULES = "demo-rules.toml"
RULE = re.compile(r"^\[\[type\.\w+\.rule\]\]$", re.MULTILINE)


def configured(found: Settings) -> Settings:
    """Add to settings what the demo needs and nobody set: secrets of its own for devices and payments, and less patience."""
    connectors_ = {name: dict(table) for name, table in found.connectors.items()}
    wanted = (
        ("telemetry", "ingest_secret", secret(found, "telemetry")),
        ("telemetry", "rules", str(_rules(found.data_dir / RULES))),
        ("ledger", "gateway_secret", secret(found, "payments")),
        ("ledger", "home", "chengdu"),
    )
    for connector, name, value in wanted:
        connectors_.setdefault(connector, {}).setdefault(name, value)
    return replace(found, connectors=connectors_, organisation=found.organisation or ORGANISATION)


def secret(found: Settings, purpose: str) -> str:
    """Derive a shared secret of the demo from the installation's key: whoever may read the data folder knows it, nobody else."""
    return hmac.new(found.secret_key.encode(), f"demo {purpose}".encode(), hashlib.sha256).hexdigest()


def _rules(path: Path) -> Path:
    """Write the shipped rules with a recovery that a visitor sees the end of."""
    shipped = Path(connectors.telemetry.__file__).with_name("rules.toml").read_text(encoding="utf-8")
    path.write_text(RULE.sub(rf"\g<0>\nrecovery_s = {STABLE_S}", shipped), encoding="utf-8")
    return path


def make(engine: Engine, today: date, say: Callable[[str], None]) -> Summary:
    """Make or complete the company, its parts and its processes, and say what was done.

    Raises:
        Conflict: there is another organisation in this installation.
        Invalid: a process cannot be deployed.
    """
    summary = company.create(engine, today)
    parts.put(engine)
    counted = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in summary.counts.items())
    say(f"演示公司 Demo company: {counted}")
    for name in DEPLOYED:
        say(_deploy(engine, name))
    return summary


def _deploy(engine: Engine, name: str) -> str:
    made = repository.deploy(engine, folder.read([PROCESSES / name]), actor=SYSTEM)
    word = "deployed" if made.is_new else "unchanged"
    return "; ".join(f"流程 Process {each.process_id} v{each.version}: {word}" for each in made.processes)
