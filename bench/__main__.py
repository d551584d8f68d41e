"""``python -m bench [part ...]``: measures and prints a table; without a part, all of them, and writes ``bench/results.json``."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

from bench.measure import table

PARTS = ("engine_only", "expressions", "services", "timers", "web", "crowd", "telemetry")


def main(names: list[str]) -> int:
    here = Path(__file__).parent
    parts = names or [part for part in PARTS if (here / f"{part}.py").exists()]
    figures = [figure for part in parts for figure in importlib.import_module(f"bench.{part}").figures()]
    print(table(figures))
    if not names:
        text = json.dumps([figure.as_json() for figure in figures], indent=1)
        (here / "results.json").write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
