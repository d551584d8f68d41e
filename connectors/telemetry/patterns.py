"""What healthy devices say, by type: readings that look alive, the same for a seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

Readings = dict[str, Any]


def _near(rng: random.Random, value: float, spread: float) -> Decimal:
    return round(Decimal(value + rng.uniform(-spread, spread)), 2)


def _lift(rng: random.Random, n: int) -> Readings:
    moving = rng.random() < 0.4
    return {
        "run_state": "running" if moving else "stopped",
        "floor": rng.randint(1, 14),
        "door_state": "closed" if moving else "open",
        "person_in_car": int(moving and rng.random() < 0.7),
        "trapped_alarm": 0,
        "fault_code": 0,
        "speed": _near(rng, 1.75, 0.05) if moving else 0,
        "motor_vib": _near(rng, 2.2, 0.6),
        "brake_temp": _near(rng, 41, 3),
    }


def _meter(rng: random.Random, n: int) -> Readings:
    return {
        "total": round(Decimal(1200 + n) + _near(rng, 0.5, 0.4), 2),
        "flow": _near(rng, 0.4, 0.4),
        "battery": 86,
        "valve": 1,
    }


PATTERNS: Mapping[str, Callable[[random.Random, int], Readings]] = {
    "lift": _lift,
    "water_pump": lambda rng, n: {
        "outlet_pressure": _near(rng, 0.42, 0.03),
        "run": 1,
        "fault": 0,
        "current": _near(rng, 18, 1),
    },
    "water_tank": lambda rng, n: {"level": _near(rng, 2.1, 0.2), "level_max": 3},
    "sump": lambda rng, n: {"level": _near(rng, 0.4, 0.1), "flood": 0},
    "fire_panel": lambda rng, n: {"alarm": 0, "fault": 0, "supervisory": 0},
    "fire_pump": lambda rng, n: {"pressure": _near(rng, 0.45, 0.02), "fault": 0},
    "transformer": lambda rng, n: {
        "voltage": _near(rng, 382, 4),
        "current": _near(rng, 410, 40),
        "current_rated": 1000,
        "temp": _near(rng, 62, 4),
        "breaker_tripped": 0,
    },
    "meter": _meter,
    "access_control": lambda rng, n: {
        "door_forced": 0,
        "held_open": rng.choice([0, 0, 0, 4]),
        "tamper": 0,
        "fail_count": 0,
    },
    "barrier": lambda rng, n: {"fault": 0, "open": rng.randint(0, 1)},
    "hvac": lambda rng, n: {
        "supply_temp": _near(rng, 17, 1),
        "return_temp": _near(rng, 24, 1),
        "filter_dp": _near(rng, 120, 20),
        "fault": 0,
    },
    "environment": lambda rng, n: {"co2": rng.randint(420, 780), "pm25": rng.randint(8, 60)},
    "parking_air": lambda rng, n: {"co": _near(rng, 6, 2)},
    "gateway": lambda rng, n: {"queue": rng.randint(0, 5), "uptime": 30 * n},
}
"""{type of device: what it reports on its n-th turn}"""
