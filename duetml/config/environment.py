"""Settings that differ between machines, read from environment variables and checked in one
place."""

import os
import re
import secrets
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from duetml.llm.prices import read_prices
from duetml.llm.recorded import read_recording

ROOT = Path(__file__).resolve().parents[2]
LONGEST_SOCKET_PATH = 100  # a unix socket path may hold 107 bytes on Linux and 103 on macOS
DATABASE_SCHEMES = ("postgres", "postgresql", "sqlite")
REDIS_SCHEMES = ("redis", "rediss", "unix")
BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/\w[\w.-]*)*/?")
SECRETS = (  # variables whose values are in no log and no backup
    "SECRET_KEY",
    "OPENAI_API_KEY",
    "DUETML_REACTIVE_API_KEY",
    "DUETML_PROACTIVE_API_KEY",
    "DUETML_METRICS_TOKEN",
    "AWS_SECRET_ACCESS_KEY",
)


class EnvironmentProblem(SystemExit):
    """Settings are wrong; the text lists every one of them. Ends the process with status 1."""


class Environment(BaseSettings):
    """One attribute per variable; without any, the embedded default (SQLite and a private broker
    under var/)."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore")

    secret_key: str | None = Field(default=None, min_length=32)
    debug: bool = False
    allowed_hosts: Annotated[list[str], NoDecode] = ["localhost", "127.0.0.1", "[::1]"]
    database_url: str | None = None
    redis_url: str | None = None
    openai_api_key: str | None = None
    openai_base_url: str | None = None
    openai_model: str | None = None
    duetml_reactive_api_key: str | None = None
    duetml_reactive_base_url: str | None = None
    duetml_proactive_api_key: str | None = None
    duetml_proactive_base_url: str | None = None
    duetml_recorded: Path | None = None
    duetml_prices: Path | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["line", "json"] = "line"
    port: int = Field(default=8000, ge=1, le=65535)
    duetml_var: Path = ROOT / "var"
    duetml_backbone: Path | None = None
    duetml_backbone_url: str | None = None
    duetml_public_url: str | None = None
    duetml_studio: bool = False
    duetml_second_factor: bool = False
    duetml_pool_upload_mb: int = Field(default=2000, ge=1, le=1_000_000)
    duetml_metrics_token: str | None = Field(default=None, min_length=16, pattern=r"^[!-~]+$")
    duetml_proxy_sends_files: bool = False
    duetml_media: str | None = None
    # Of the bucket. boto3 reads these by itself, and others of its own (AWS_CA_BUNDLE, roles).
    aws_endpoint_url_s3: str | None = None
    aws_default_region: str | None = None
    aws_access_key_id: str | None = None
    aws_secret_access_key: str | None = None

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _split_hosts(cls, value: object) -> object:
        return (
            [host.strip() for host in value.split(",") if host.strip()]
            if isinstance(value, str)
            else value
        )

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str | None) -> str | None:
        return _with_scheme(value, DATABASE_SCHEMES, "postgres://user:password@host/name")

    @field_validator("redis_url")
    @classmethod
    def _known_broker(cls, value: str | None) -> str | None:
        return _with_scheme(value, REDIS_SCHEMES, "redis://host:6379/0")

    @field_validator(
        "openai_base_url",
        "duetml_reactive_base_url",
        "duetml_proactive_base_url",
        "duetml_public_url",
        "duetml_backbone_url",
        "aws_endpoint_url_s3",
    )
    @classmethod
    def _web_address(cls, value: str | None) -> str | None:
        return _with_scheme(value, ("http", "https"), "https://host")

    @field_validator("duetml_media")
    @classmethod
    def _a_bucket(cls, value: str | None) -> str | None:
        if value is not None and (not BUCKET.fullmatch(value) or ".." in value):
            raise ValueError("must name a bucket, such as s3://bucket/prefix; unset it for a disk")
        return value

    @field_validator("openai_api_key", "duetml_reactive_api_key", "duetml_proactive_api_key")
    @classmethod
    def _a_key(cls, value: str | None) -> str | None:
        key = value.strip() if value is not None else None
        if key is not None and not re.fullmatch(r"[ -~]+", key):
            raise ValueError("a key has Latin letters, digits and signs only; copy it once more")
        return key

    @field_validator("duetml_recorded")
    @classmethod
    def _a_recording(cls, value: Path | None) -> Path | None:
        return _readable(value, read_recording)

    @field_validator("duetml_prices")
    @classmethod
    def _a_price_list(cls, value: Path | None) -> Path | None:
        return _readable(value, read_prices)

    @field_validator("duetml_backbone")
    @classmethod
    def _weights_are_there(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError(f"no file at {value}; name a weights file, or unset it")
        return value

    @model_validator(mode="after")
    def _secret_in_production(self) -> "Environment":
        if self.database_url and self.database_url.startswith("postgres") and not self.secret_key:
            raise ValueError("SECRET_KEY must be set when DATABASE_URL names PostgreSQL")
        return self

    @model_validator(mode="after")
    def _nothing_contradicts(self) -> "Environment":
        address = urlsplit(self.duetml_public_url or "")
        if address.scheme == "https" and self.debug:
            raise ValueError("DEBUG shows the source to everybody; unset it, or the https address")
        if address.hostname and not _is_named(address.hostname, self.allowed_hosts):
            raise ValueError(
                f"DUETML_PUBLIC_URL names {address.hostname}, which ALLOWED_HOSTS lacks: every page"
                " would be refused. Add it there"
            )
        return self

    @model_validator(mode="after")
    def _the_bucket_can_be_used(self) -> "Environment":
        if self.duetml_media and self.duetml_proxy_sends_files:
            raise ValueError(
                "DUETML_PROXY_SENDS_FILES is for files on a disk, and DUETML_MEDIA names a bucket:"
                " unset one of them"
            )
        if self.duetml_media and bool(self.aws_access_key_id) != bool(self.aws_secret_access_key):
            raise ValueError(
                "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY belong together: set both, or neither"
                " where the machine has a role"
            )
        return self

    @property
    def media_storage(self) -> dict[str, Any]:
        """Django's storage of pictures, parcels, reports and exports."""
        if self.duetml_media is None:
            return {
                "BACKEND": "django.core.files.storage.FileSystemStorage",
                "OPTIONS": {"location": str(self.duetml_var.resolve() / "media")},
            }
        address = urlsplit(self.duetml_media)
        options = {
            "bucket_name": address.netloc,
            "location": address.path.strip("/"),
            "endpoint_url": self.aws_endpoint_url_s3,
            "region_name": self.aws_default_region or "us-east-1",  # what most servers go by
        }
        return {"BACKEND": "duetml.config.bucket.Bucket", "OPTIONS": options}

    @property
    def socket_path(self) -> Path:
        """Where the private broker listens; a short temporary folder stands in for a too long
        path."""
        path = self.duetml_var.resolve() / "run" / "broker.sock"
        if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
            return path
        return Path(tempfile.gettempdir()) / f"duetml-{zlib.crc32(os.fsencode(path)):08x}.sock"

    @property
    def channels_url(self) -> str:
        return self.redis_url or f"unix://{self.socket_path}"

    @property
    def celery_url(self) -> str:
        url = self.redis_url or f"unix://{self.socket_path}"
        return url.replace("unix://", "redis+socket://", 1)

    @property
    def is_embedded_broker(self) -> bool:
        return self.redis_url is None

    def secret(self) -> str:
        """SECRET_KEY, or one made once and kept under var/ (readable by its owner only)."""
        if self.secret_key:
            return self.secret_key
        path = self.duetml_var / "secret-key"
        if not path.exists():
            self.duetml_var.mkdir(parents=True, exist_ok=True)
            draft = path.with_name(f"secret-key.{os.getpid()}")
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_urlsafe(48))
            try:
                os.link(draft, path)  # two processes starting together agree on the first one
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_text().strip()


def _with_scheme(value: str | None, schemes: tuple[str, ...], example: str) -> str | None:
    if value is not None and urlsplit(value).scheme not in schemes:
        raise ValueError(f"must be an address such as {example}")
    return value


def _is_named(host: str, allowed: list[str]) -> bool:
    """Whether a server that answers to `allowed` answers to `host`."""
    return any(
        one == "*"
        or one.strip("[]").lower() == host
        or (one.startswith(".") and f".{host}".endswith(one.lower()))
        for one in allowed
    )


def _readable(path: Path | None, read: Callable[[Path], object]) -> Path | None:
    if path is not None:
        try:
            read(path)
        except OSError as problem:
            raise ValueError(f"{path} cannot be read ({problem.strerror})") from None
    return path


def read_environment() -> Environment:
    """The validated settings. Raises EnvironmentProblem with one line per wrong variable."""
    try:
        environment = Environment()
        environment.secret()
    except ValidationError as problem:
        lines = [f"  {_name(error['loc'])}{_reason(error['msg'])}" for error in problem.errors()]
        raise EnvironmentProblem(
            "These settings are wrong; nothing was started:\n" + "\n".join(lines)
        ) from None
    except OSError as problem:
        raise EnvironmentProblem(
            f"The storage folder cannot be written ({problem}). Set DUETML_VAR to a folder you own."
        ) from None
    return environment


def _name(location: tuple[int | str, ...]) -> str:
    return f"{str(location[0]).upper()}: " if location else ""


def _reason(message: str) -> str:
    return message.removeprefix("Value error, ")
