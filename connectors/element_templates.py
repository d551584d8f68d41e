"""Element templates: what the editor offers for each job type, made from the manifests so that both say the same.

Source: the element template schema of Camunda 8's modeler.
"""

from __future__ import annotations

from typing import Any

from connectors.manifest import InputSpec, Manifest, OperationSpec
from connectors.registry import Registry


def element_templates(registry: Registry, language: str) -> list[dict[str, Any]]:
    """Give one template for each operation of each connector, in ``en`` or ``zh``."""
    return [
        _template(connector.manifest, operation, language)
        for connector in registry.connectors
        for operation in connector.manifest.operations
    ]


def _template(manifest: Manifest, operation: OperationSpec, language: str) -> dict[str, Any]:
    job_type = f"{manifest.name}:{operation.name}"
    return {
        "id": f"propflow.{manifest.name}.{operation.name}",
        "name": operation.title[language],
        "description": manifest.summary[language],
        "category": {"id": manifest.name, "name": manifest.title[language]},
        "appliesTo": ["bpmn:Task"],
        "elementType": {"value": "bpmn:ServiceTask"},
        "properties": [
            {
                "type": "Hidden",
                "value": job_type,
                "binding": {"type": "zeebe:taskDefinition", "property": "type"},
            },
            *(_input(each, language) for each in operation.inputs),
        ],
    }


def _input(spec: InputSpec, language: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "label": spec.title[language],
        "type": "String",
        "feel": "optional",
        "optional": not spec.required,
        "binding": {"type": "zeebe:input", "name": spec.name},
    }
    if spec.required:
        made["constraints"] = {"notEmpty": True}
    return made
