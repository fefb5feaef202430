"""A file in a form, byte by byte as browsers write it, whatever its name is."""

from collections.abc import Mapping

BOUNDARY = "corpus-3f1a"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def form(name: str, data: bytes, fields: Mapping[str, str]) -> bytes:
    """Quotation marks and line breaks in names are written by their numbers (HTML, 4.10.21.8)."""
    name = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="'
    parts = [f'{head}{key}"\r\n\r\n{value}\r\n'.encode() for key, value in fields.items()]
    kind = "Content-Type: application/octet-stream"
    parts += [f'{head}file"; filename="{name}"\r\n{kind}\r\n\r\n'.encode(), data]
    return b"".join([*parts, f"\r\n--{BOUNDARY}--\r\n".encode()])
