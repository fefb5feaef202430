"""What the openai package and its HTTP library raise, told as a VendorError."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2
import openai

from duetml.llm.client import Failure, VendorError

KIND_OF_STATUS = {
    401: Failure.UNAUTHORISED,
    403: Failure.UNAUTHORISED,
    408: Failure.TIMEOUT,
    409: Failure.UNAVAILABLE,
    429: Failure.RATE_LIMITED,
    504: Failure.TIMEOUT,
}
KIND_OF_CODE = {
    "content_filter": Failure.REFUSED,
    "content_policy_violation": Failure.REFUSED,
    "insufficient_quota": Failure.UNAUTHORISED,  # a 429 that no waiting cures: the account is empty
    "rate_limit_exceeded": Failure.RATE_LIMITED,
}


def vendor_error(error: Exception, begun: bool, now: datetime) -> VendorError:
    """The VendorError for whatever a call raised. `begun`: some of the answer had already come."""
    if isinstance(error, VendorError):
        return error
    if isinstance(error, openai.APIStatusError):
        return _of_status(error, now)
    if isinstance(error, openai.APITimeoutError | httpx2.TimeoutException):
        return VendorError(Failure.TIMEOUT, "the vendor went quiet")
    if isinstance(error, openai.APIConnectionError | httpx2.TransportError):
        kind = Failure.CUT_STREAM if begun else Failure.UNAVAILABLE
        return VendorError(kind, f"{error} ({error.__cause__ or 'no cause given'})")
    if isinstance(error, openai.APIError):  # an error told inside the stream
        kind = Failure.CUT_STREAM if begun else _of_code(error.code)
        return VendorError(kind, str(error.message))
    return VendorError(Failure.NONSENSE, f"{type(error).__name__}: {error}")


def _of_code(code: str | None) -> Failure:
    """Some servers give a status in place of a code."""
    if code and len(code) == 3 and code.isdecimal():
        return _of_number(int(code))
    return KIND_OF_CODE.get(code or "", Failure.UNAVAILABLE)


def _of_number(status: int) -> Failure:
    default = Failure.UNAVAILABLE if status >= 500 else Failure.BAD_REQUEST
    return KIND_OF_STATUS.get(status, default)


def _of_status(error: openai.APIStatusError, now: datetime) -> VendorError:
    kind = KIND_OF_CODE.get(error.code or "", _of_number(error.status_code))
    told = error.response.headers.get("retry-after")
    return VendorError(kind, f"HTTP {error.status_code}: {error.message}", retry_after(told, now))


def retry_after(told: str | None, now: datetime) -> float | None:
    """Seconds, never below 0, from a Retry-After header (RFC 9110, 10.2.3: seconds or a date)."""
    if told is None:
        return None
    if told.strip().replace(".", "", 1).isdecimal():
        return float(told)
    try:
        moment = parsedate_to_datetime(told)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
