"""A process folder on disk, as the files of one deployment."""

from __future__ import annotations

from pathlib import Path

from engine.errors import NotFound
from engine.model.values import Resource

LEFT_OUT = {"README.md", "__pycache__"}
SUFFIXES = {".bpmn", ".dmn", ".form", ".toml", ".yaml", ".yml", ".po", ".md", ".html", ".txt", ".json"}


def deployments(paths: list[Path]) -> list[list[Path]]:
    """Give what is deployed at once: each folder by itself, single files together."""
    folders = [[path] for path in paths if path.is_dir()]
    files = [path for path in paths if not path.is_dir()]
    return [*folders, *([files] if files else [])]


def read(paths: list[Path]) -> list[Resource]:
    """Give the files of process folders, or single files, under their names inside the folder.

    Raises:
        NotFound: there is no such folder or file, or nothing in it that can be deployed.
    """
    found: list[Resource] = []
    for path in paths:
        if path.is_dir():
            found.extend(_folder(path))
        elif path.is_file() and path.suffix in SUFFIXES:
            found.append(Resource(path.name, path.read_bytes()))
        elif not path.exists():
            raise NotFound("there is no file or folder {path}", path=str(path))
    if not found:
        raise NotFound("there is nothing to deploy in {path}", path=", ".join(map(str, paths)))
    return found


def _folder(folder: Path) -> list[Resource]:
    files = sorted(each for each in folder.rglob("*") if each.is_file() and each.suffix in SUFFIXES)
    names = [(each, each.relative_to(folder).as_posix()) for each in files]
    return [Resource(name, each.read_bytes()) for each, name in names if LEFT_OUT.isdisjoint(Path(name).parts)]
