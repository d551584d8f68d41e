"""The MQTT subscriber: QoS 1, acknowledged by hand after the commit, many deliveries in one transaction.

What is not acknowledged the broker delivers again, also to the next process: the session is kept (``clean_session`` off, a fixed client
id). So a crash at any point loses nothing, and what comes twice is told by its id.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from typing import Any
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from connectors.announcements.relay import publish_waiting
from connectors.telemetry.inbound import SUBSCRIPTIONS, Delivery
from connectors.telemetry.intake import Intake
from engine.errors import ConcurrentUpdate

BATCH = 1000
LINGER_S = 0.05
"""How long a batch that is not full waits for more: with few messages it costs this much, with many nothing."""

IN_HAND = 4000
"""How many unacknowledged deliveries we let the broker send; the rest waits there, not in our memory."""

REST_S = 1.0
SOURCE = "mqtt"

log = logging.getLogger(__name__)


class Subscriber:
    """Takes what a broker delivers in.

    Args:
        url: ``mqtt://host:1883`` or ``mqtts://host:8883``.
        client_id: names the session that the broker keeps; one subscriber at a time may use it.
    """

    def __init__(self, intake: Intake, *, url: str, client_id: str, user: str = "", password: str = "") -> None:
        parts = urlsplit(url)
        self._intake = intake
        self._host, self._port = (
            parts.hostname or "127.0.0.1",
            parts.port or (8883 if parts.scheme == "mqtts" else 1883),
        )
        self._arrived: queue.SimpleQueue[mqtt.MQTTMessage] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self.connected = threading.Event()
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            clean_session=False,
            manual_ack=True,
            protocol=mqtt.MQTTv311,
        )
        self._client.max_inflight_messages_set(IN_HAND)
        self._client.reconnect_delay_set(min_delay=1, max_delay=30)
        if parts.scheme == "mqtts":
            self._client.tls_set()
        if user or parts.username:
            self._client.username_pw_set(
                user or unquote(parts.username or ""), password or unquote(parts.password or "")
            )
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message
        self._thread = threading.Thread(target=self._work, name="propflow-mqtt", daemon=True)

    def start(self) -> None:
        """Connect, and go on trying while the broker is away."""
        self._client.connect_async(self._host, self._port, keepalive=30)
        self._client.loop_start()
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch at hand and leave; the broker keeps what comes meanwhile."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(30)
        self._client.disconnect()
        self._client.loop_stop()

    # ---- the broker's thread ----------------------------------------------------------------------------------------

    def _on_connect(self, client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            log.warning("the broker %s:%s refuses us: %s", self._host, self._port, reason)
            return
        client.subscribe([(topic, 1) for topic in SUBSCRIPTIONS])

    def _on_subscribe(self, *_told: Any) -> None:
        self.connected.set()
        log.info("subscribed at %s:%s", self._host, self._port)

    def _on_disconnect(self, _client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        self.connected.clear()
        if not self._stopping.is_set():
            log.warning("the broker %s:%s is gone (%s); connecting again", self._host, self._port, reason)

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        self._arrived.put(message)

    # ---- ours -------------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        while not self._stopping.is_set():
            batch = self._collect()
            if batch:
                self._take(batch)

    def _collect(self) -> list[mqtt.MQTTMessage]:
        """Wait for a message, then for what follows at once, up to a batch."""
        try:
            batch = [self._arrived.get(timeout=0.5)]
        except queue.Empty:
            return []
        until = time.monotonic() + LINGER_S
        while len(batch) < BATCH:
            try:
                batch.append(self._arrived.get(timeout=max(0.0, until - time.monotonic())))
            except queue.Empty:
                break
        return batch

    def _take(self, batch: list[mqtt.MQTTMessage]) -> None:
        """Store a batch, then acknowledge it, then publish what it brought about. A batch that cannot be stored is tried again."""
        now = self._intake.engine.clock.now()
        deliveries = [
            Delivery(
                topic=message.topic,
                payload=bytes(message.payload),
                source=SOURCE,
                received_at=now,
                repeat=message.dup,
                token=str(message.mid),
                retained=message.retain,
            )
            for message in batch
            if message.payload  # an empty one says to the broker that nothing is retained any more
        ]
        while True:
            try:
                taken = self._intake.take(deliveries)
                break
            except ConcurrentUpdate:
                log.info("a batch of %s met other work; again", len(batch))
            except Exception:
                log.exception("a batch of %s could not be stored; again in %s s", len(batch), REST_S)
            if self._stopping.wait(REST_S):
                return  # not acknowledged: the broker delivers it again
        for message in batch:
            self._client.ack(message.mid, message.qos)
        if taken.announced:
            try:
                publish_waiting(self._intake.engine)
            except Exception:
                log.exception("announcements could not be published; the sweeper will")
