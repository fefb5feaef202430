"""How the real API says no: its sentences and codes, in its own JSON."""

from collections.abc import Collection, Mapping

MOST_BYTES = 50 * 2**20  # of a whole request


class RejectedError(Exception):
    """A request that the real API would not answer."""

    def __init__(
        self, message: str, param: str | None = None, code: str | None = None, status: int = 400
    ) -> None:
        super().__init__(message)
        self.message, self.param, self.code, self.status = message, param, code, status


def error(
    message: str, kind: str, param: str | None = None, code: str | None = None
) -> dict[str, object]:
    """The body of every answer that is none."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def too_large() -> RejectedError:
    return RejectedError(
        f"Request too large. Expected at most {MOST_BYTES} bytes.", None, "request_too_large", 413
    )


def missing(name: str) -> RejectedError:
    return RejectedError(
        f"Missing required parameter: '{name}'.", name, "missing_required_parameter"
    )


def wrong_type(name: str, expected: str, value: object) -> RejectedError:
    return RejectedError(
        f"Invalid type for '{name}': expected {expected}, but got {a_kind_of(value)} instead.",
        name,
        "invalid_type",
    )


def invalid(name: str, value: object, supported: tuple[str, ...]) -> RejectedError:
    *most, last = [f"'{one}'" for one in supported]
    return RejectedError(
        f"Invalid value: '{value}'. Supported values are: {', '.join(most)}, and {last}.",
        name,
        "invalid_value",
    )


def too_low(name: str, kind: str, least: float, value: object) -> RejectedError:
    return RejectedError(
        f"Invalid '{name}': {kind} below minimum value. "
        f"Expected a value >= {least}, but got {value} instead.",
        name,
        f"{kind}_below_min_value",
    )


def too_high(name: str, kind: str, most: float, value: object) -> RejectedError:
    return RejectedError(
        f"Invalid '{name}': {kind} above maximum value. "
        f"Expected a value <= {most}, but got {value} instead.",
        name,
        f"{kind}_above_max_value",
    )


def a_kind_of(value: object) -> str:
    """The JSON type of a value, as a sentence names it."""
    if value is None:
        return "null"
    names = {bool: "a boolean", str: "a string", int: "an integer", float: "a decimal"}
    return names.get(type(value), "an array" if isinstance(value, list) else "an object")


def check_array(value: object, where: str) -> None:
    if value is None:
        raise missing(where)
    if not isinstance(value, list):
        raise wrong_type(where, "an array of objects", value)
    if not value:
        raise RejectedError(
            f"Invalid '{where}': empty array. Expected an array with minimum length 1, but got an "
            "empty array instead.",
            where,
            "empty_array",
        )


def check_known(value: Mapping[str, object], known: Collection[str], where: str) -> None:
    unknown = [name for name in value if name not in known]
    if unknown:
        name = f"{where}.{unknown[0]}"
        raise RejectedError(f"Unknown parameter: '{name}'.", name, "unknown_parameter")
