"""Loaded before the settings are read (addopts in pyproject.toml): no test touches real storage.

Every pytest process gets a storage folder of its own and none of the caller's vendor keys.
DATABASE_URL and REDIS_URL stay: tests/with-services sets them to test on PostgreSQL and Redis.
"""

import atexit
import os
import shutil
import tempfile

OWN_VAR = tempfile.mkdtemp(prefix="duetml-test-")
os.mkdir(os.path.join(OWN_VAR, "static"))  # WhiteNoise warns of a folder that does not exist
atexit.register(shutil.rmtree, OWN_VAR, ignore_errors=True)

os.environ["DUETML_VAR"] = OWN_VAR
for name in (
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "OPENAI_MODEL",
    "DUETML_REACTIVE_API_KEY",
    "DUETML_REACTIVE_BASE_URL",
    "DUETML_PROACTIVE_API_KEY",
    "DUETML_PROACTIVE_BASE_URL",
    "DUETML_RECORDED",
    "DUETML_PRICES",
    "DUETML_BACKBONE",
    "DUETML_PUBLIC_URL",
    "DUETML_STUDIO",
    "DUETML_SECOND_FACTOR",
    "DUETML_MEDIA",
    "DUETML_PROXY_SENDS_FILES",
    "AWS_ENDPOINT_URL_S3",
):
    os.environ.pop(name, None)
