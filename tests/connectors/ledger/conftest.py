from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from connectors.calls import Answer, JobCall
from connectors.settings import ConnectorSettings, Secret
from tests import people

SETTINGS = ConnectorSettings("ledger", {"tolerance": "1.00", "due_days": 30}, {"gateway_secret": Secret("s3cret")})


@pytest.fixture
def call(branch: people.Office) -> Callable[..., Mapping[str, Any]]:
    """Run an operation as the worker does: its rows are stored with the step."""

    def run(
        operation: Callable[[JobCall], Answer], variables: Mapping[str, Any], *, key: str = "1:1"
    ) -> Mapping[str, Any]:
        asked = JobCall(
            engine=branch.engine,
            settings=SETTINGS,
            variables=variables,
            key=key,
            instance=1,
            element_id="post",
            business_key="R1",
            unit=branch.unit("yunting"),
        )
        answer = operation(asked)
        with branch.engine.store.begin() as uow:
            if answer.also is not None:
                answer.also(uow)
            uow.commit()
        return answer.variables

    return run
