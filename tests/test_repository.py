"""What must hold for the whole repository: its names, its documents, its folders."""

import re
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from engine.model import states

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("name", ["engine", "connectors", "webui"])
def test_no_other_distribution_claims_our_package_names(name):
    assert set(packages_distributions().get(name, [])) <= {"propflow"}


TABLES = {
    "Process instance": states.INSTANCE_MOVES,
    "User task": states.TASK_MOVES,
    "Job": states.JOB_MOVES,
    "Incident": states.INCIDENT_MOVES,
    "Batch": states.BATCH_MOVES,
}


@pytest.mark.parametrize("title", TABLES)
def test_the_lifecycles_page_shows_every_move_and_no_other(title):
    text = (ROOT / "docs/explanation/lifecycles.md").read_text(encoding="utf-8")
    section = re.search(rf"## {title}\n(.*?)(\n## |\Z)", text, re.DOTALL).group(1)

    shown = set(re.findall(r"`(\w+) → (\w+): (\w+)`", section))

    assert shown == {(source, target, action) for (source, action), target in TABLES[title].items()}


def test_no_tracked_text_names_a_registry_or_a_path_of_a_machine():
    import subprocess

    files = (
        subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    )
    words = ("registry" + ".npmjs.org", "files." + "pythonhosted.org", "/ro" + "ot/", "/wo" + "rk/")
    for name in files:
        path = ROOT / name
        if name and path.is_file() and path.suffix not in {".png", ".woff2", ".ico"} and "/static/" not in name:
            text = path.read_text(encoding="utf-8", errors="replace")
            assert not [word for word in words if word in text], name


def test_no_module_has_grown_beyond_one_noun():
    long = {}
    for package in ("engine", "connectors", "webui"):
        for path in (ROOT / package).rglob("*.py"):
            lines = len(path.read_text(encoding="utf-8").splitlines())
            if lines > 450:
                long[str(path.relative_to(ROOT))] = lines
    assert long == {}
