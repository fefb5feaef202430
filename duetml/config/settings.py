"""Django settings. What differs between machines comes from duetml.config.environment."""

import os
import sys
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from duetml.config.environment import read_environment
from duetml.jobs import SCHEDULE

ENV = read_environment()
VAR: Path = ENV.duetml_var.resolve()

SECRET_KEY = ENV.secret()
DEBUG = ENV.debug
# By these names only this machine asks: health checks and monitors, past the proxy.
ALLOWED_HOSTS = [*ENV.allowed_hosts, "localhost", "127.0.0.1", "[::1]"]
PUBLIC_URL = ENV.duetml_public_url or f"http://localhost:{ENV.port}"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
TESTING = "pytest" in sys.modules

INSTALLED_APPS = [
    "duetml.live",
    "duetml.workspace",
    "study",
    "evaluation",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "duetml.config.apps.ProjectConfig",
]

MIDDLEWARE = [
    "duetml.config.metrics.requests.counted",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "duetml.config.second_factor.gate.SecondFactorGate",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "duetml.config.urls"
ASGI_APPLICATION = "duetml.config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# Database: SQLite by default, PostgreSQL with a pool (without one, 50 clients exhaust the server).
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
_database: dict[str, Any] = dict(
    dj_database_url.parse(
        ENV.database_url or f"sqlite:///{VAR / 'duetml.sqlite3'}",
        conn_max_age=0,
    )
)
if _database["ENGINE"].endswith("sqlite3"):
    _database |= {"ENGINE": "duetml.config.databases.sqlite", "OPTIONS": SQLITE_OPTIONS}
    # Opening it reads the whole schema: a thread keeps its connection.
    _database["CONN_MAX_AGE"] = None
    # A file, so that several threads of one test see the same rows.
    _database["TEST"] = {"NAME": str(VAR / "test.sqlite3")}
else:
    # The pool outlives a restart of the server, its content not.
    _database["ENGINE"] = "duetml.config.databases.postgresql"
    # Beside what the address says, such as ?sslmode=require.
    _database["OPTIONS"] = {
        **_database.get("OPTIONS", {}),
        "pool": {"min_size": 1, "max_size": 10, "timeout": 20},
    }
DATABASES = {"default": _database}

# Broker: the same Redis protocol for Celery and Channels, embedded or not.
CHANNEL_LAYERS: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [ENV.channels_url]},
    }
}
CELERY_BROKER_URL = ENV.celery_url
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # workers wait for a broker as long as it takes
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 10,
    "socket_connect_timeout": 2,
    "max_retries": 0,  # of a sender: kombu's own six seconds of retries would keep a person waiting
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False  # a lost hint is re-sent by the sweep; nobody should wait for it
CELERY_TASK_DEFAULT_QUEUE = "quick"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = SCHEDULE

# Pictures and what is made of them: on a disk, or in a bucket
STORAGES = {
    "default": ENV.media_storage,
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or TESTING
        else "duetml.config.static.BundledStatic"
    },
}
STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
WHITENOISE_USE_FINDERS = DEBUG or TESTING
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 11_000_000
# On the disk of the pictures: large uploads are moved, and a system's own folder may be memory.
FILE_UPLOAD_TEMP_DIR = str(VAR / "incoming")
os.makedirs(FILE_UPLOAD_TEMP_DIR, mode=0o700, exist_ok=True)
POOL_UPLOAD_BYTES = ENV.duetml_pool_upload_mb * 1_000_000  # a zip file of pictures, by staff
STUDIO = ENV.duetml_studio  # the workspace without a study, for everybody
PROXY_SENDS_FILES = ENV.duetml_proxy_sends_files  # nginx does, named by X-Accel-Redirect
BACKBONE_FETCHED = VAR / "models" / "mobilenet_v2-7ebf99e0.pth"
BACKBONE_PATH = ENV.duetml_backbone or (BACKBONE_FETCHED if BACKBONE_FETCHED.is_file() else None)
BACKBONE_CONVERTED = VAR / "models" / "converted"  # what the network is run from
BACKBONE_URL = ENV.duetml_backbone_url

# The vendor of the language model, for both agents and for one of them
OPENAI_API_KEY = ENV.openai_api_key
OPENAI_BASE_URL = ENV.openai_base_url
OPENAI_MODEL = ENV.openai_model
REACTIVE_API_KEY = ENV.duetml_reactive_api_key
REACTIVE_BASE_URL = ENV.duetml_reactive_base_url
PROACTIVE_API_KEY = ENV.duetml_proactive_api_key
PROACTIVE_BASE_URL = ENV.duetml_proactive_base_url
RECORDED = ENV.duetml_recorded  # replies from a file in the vendor's place
PRICES = ENV.duetml_prices  # a lab's own, beside those of duetml/llm/prices.toml

# Languages and time
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ja", _("Japanese"))]

# Safety
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"
SECOND_FACTOR = ENV.duetml_second_factor  # of every member of staff, at each login
OTP_TOTP_ISSUER = "DuetML"  # as an app names the account
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_VERBOSE = False
AXES_CLIENT_IP_CALLABLE = "duetml.config.proxy.client_ip"
METRICS_TOKEN = ENV.duetml_metrics_token
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
_is_https = PUBLIC_URL.startswith("https://")
SESSION_ENGINE = "duetml.config.sessions"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _is_https
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _is_https else None
SECURE_HSTS_SECONDS = 31_536_000 if _is_https else 0
SECURE_SSL_REDIRECT = False  # the proxy's work
SILENCED_SYSTEM_CHECKS = [
    "security.W008",  # as said: the proxy redirects, and nothing else can be reached from outside
    "security.W005",  # the names beside and below ours belong to others, who may have no https
    "security.W021",  # so does the browsers' list of names that always have it
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "blob:", "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "duetml.config.logs.formatting.Scrubbed"},
        "json": {"()": "duetml.config.logs.formatting.Json"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": ENV.log_format}},
    "root": {"handlers": ["console"], "level": ENV.log_level},
    "loggers": {
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        "httpx2": {"level": "WARNING"},
        "openai": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
        "weasyprint.progress": {"level": "ERROR"},
        "uvicorn": {"handlers": ["console"], "propagate": False},
        "uvicorn.error": {"propagate": True},
        # Addresses carry participants' personal links; a logger that is not named here would speak.
        "uvicorn.access": {"level": "CRITICAL", "handlers": [], "propagate": False},
    },
}
