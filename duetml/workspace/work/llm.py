"""Which model client a workspace's agents speak through."""

from functools import lru_cache

from django.conf import settings

from duetml.llm.client import LLM, Failure, VendorError
from duetml.llm.openai_client import OpenAIClient

OPENAI = "https://api.openai.com/v1"


def vendor() -> LLM:
    """The configured account. Raises VendorError where there is none: never another advisor."""
    key = settings.OPENAI_API_KEY
    if not key:
        raise VendorError(Failure.UNAUTHORISED, "OPENAI_API_KEY is not set")
    return _client(key, settings.OPENAI_BASE_URL or OPENAI)


@lru_cache(maxsize=2)
def _client(key: str, base_url: str) -> OpenAIClient:
    return OpenAIClient(key, base_url)
