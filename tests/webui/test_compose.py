"""The composition root supplies what connectors ask for."""

from __future__ import annotations

from connectors.telemetry.devices import PORT
from webui import compose, settings


def test_every_port_that_a_connector_declares_is_supplied(tmp_path):
    with compose.parts(settings.load({"PROPFLOW_DATA_DIR": str(tmp_path)}, tmp_path)) as parts:
        wanted = {port for connector in parts.registry.connectors for port in connector.manifest.ports}

        assert wanted - set(parts.registry.ports) == set()


def test_telemetry_asks_the_register_what_a_device_is(tmp_path):
    with compose.parts(settings.load({"PROPFLOW_DATA_DIR": str(tmp_path)}, tmp_path)) as parts:
        assert parts.registry.ports[PORT].find(["NO-SUCH"]) == {}
