"""Types of keys. A key is a 63-bit integer made by the store, ordered by time; outside it is a string of digits."""

from __future__ import annotations

from typing import NewType

from engine.errors import NotFound

DeploymentKey = NewType("DeploymentKey", int)
DefinitionKey = NewType("DefinitionKey", int)
InstanceKey = NewType("InstanceKey", int)
UserTaskKey = NewType("UserTaskKey", int)
JobKey = NewType("JobKey", int)
IncidentKey = NewType("IncidentKey", int)
BatchKey = NewType("BatchKey", int)
MessageKey = NewType("MessageKey", int)
UnitKey = NewType("UnitKey", int)
UserKey = NewType("UserKey", int)
FileKey = NewType("FileKey", int)
DiagramDraftKey = NewType("DiagramDraftKey", int)
LinkKey = NewType("LinkKey", int)
TokenKey = NewType("TokenKey", int)


def parse_key(text: str | int) -> int:
    """Read a key from outside.

    Raises:
        NotFound: it cannot be the key of anything.
    """
    try:
        key = int(text)
    except ValueError:
        raise NotFound("{key} is not a key", key=str(text)[:40]) from None
    if not 0 < key < 2**63:
        raise NotFound("{key} is not a key", key=str(text)[:40])
    return key
