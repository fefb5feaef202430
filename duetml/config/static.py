"""Static files: each page's script in one file, all under hashed names and compressed.

Browsers may keep them for ever. A page's script is a file in a folder `js/pages/`: a few lines that
import what the page needs. Where files are served from their sources (DEBUG, tests) browsers follow
its imports; `collectstatic` puts the modules in their place.
"""

import posixpath
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.core.management import CommandError
from whitenoise.storage import CompressedManifestStaticFilesStorage

from duetml.config.bundle import BundleError, bundle, modules_of

PAGES = "js/pages"
Found = dict[str, tuple[Storage, str]]  # name → where collectstatic found it


class BundledStatic(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # untyped
    support_js_module_import_aggregation = True  # of the modules that are in no page's folder

    @lru_cache(maxsize=1000)  # noqa: B019 - there is one storage, as long as the process
    def url(self, name: str | None, force: bool = False) -> str:
        return str(super().url(name, force))

    def post_process(
        self, paths: Found, dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str | None, Any]]:
        if not dry_run:
            self._bundle(paths)
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def _bundle(self, paths: Found) -> None:
        """Put bundles in the place of the pages; leave out the modules they are made of."""
        sources = _Sources(paths)
        pages = {name: _bundled(name, sources) for name in paths if is_page(name)}
        rooms = tuple({posixpath.dirname(posixpath.dirname(page)) + "/" for page in pages})
        for name in [name for name in paths if name.startswith(rooms)]:
            del paths[name]
            self.delete(name)
        for name, text in pages.items():
            self._save(name, ContentFile(text.encode()))
            paths[name] = (self, name)


class _Sources:
    def __init__(self, paths: Mapping[str, tuple[Storage, str]]) -> None:
        self.paths = paths

    def read(self, name: str) -> str:
        if name not in self.paths:
            raise FileNotFoundError(name)
        storage, path = self.paths[name]
        with storage.open(path) as file:
            return str(file.read().decode())


def is_page(name: str) -> bool:
    return posixpath.dirname(name).endswith(PAGES) and name.endswith(".js")


def _bundled(name: str, sources: _Sources) -> str:
    try:
        return bundle(name, sources.read)
    except BundleError as error:
        raise CommandError(str(error)) from None


@lru_cache
def words_of_page(name: str) -> frozenset[str]:
    """Every string in a page's modules. Raises BundleError."""
    return frozenset().union(*(module.words for module in modules_of(name, read_source)))


def read_source(name: str) -> str:
    """A static file as it is in the source. Raises FileNotFoundError."""
    path = finders.find(name)
    if not isinstance(path, str):
        raise FileNotFoundError(name)
    return Path(path).read_text()
