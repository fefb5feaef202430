"""The project's settings with a page of their own for one workspace: no study around it."""

from pathlib import Path

from duetml.config.settings import *  # noqa: F403
from duetml.config.settings import TEMPLATES

ROOT_URLCONF = "tests.browser.stage.urls"
TEMPLATES = [{**TEMPLATES[0], "DIRS": [Path(__file__).parent / "templates"]}]
DEBUG = False
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
STORAGES = {
    "default": STORAGES["default"],  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
