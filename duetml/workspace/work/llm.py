"""Which model client a workspace's agents speak through."""

from functools import lru_cache

from django.conf import settings

from duetml.llm.client import LLM, Failure, VendorError
from duetml.llm.openai_client import OpenAIClient
from duetml.workspace.queries import has_vendor

OPENAI = "https://api.openai.com/v1"
NO_KEY = "none"  # a server of one's own may want no key; the package wants some word


def vendor() -> LLM:
    """The configured account. Raises VendorError where there is none: never another advisor."""
    if not has_vendor():
        raise VendorError(Failure.UNAUTHORISED, "neither OPENAI_API_KEY nor OPENAI_BASE_URL is set")
    return _client(settings.OPENAI_API_KEY or NO_KEY, settings.OPENAI_BASE_URL or OPENAI)


@lru_cache(maxsize=2)
def _client(key: str, base_url: str) -> OpenAIClient:
    return OpenAIClient(key, base_url)
