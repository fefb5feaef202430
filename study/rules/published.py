"""The schema of protocols as JSON Schema, for editors and other programs."""

from typing import Any

from study.rules.protocol import ProtocolFile


def schema() -> dict[str, Any]:
    """As study/protocols/schema.json holds it. The checks that go across fields are not in it."""
    made = ProtocolFile.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}
