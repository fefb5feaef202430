"""A document as one HTML file that needs nothing else, and as PDF."""

from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from PIL import ImageFile

from evaluation.report.linking import linked

STYLE = Path(__file__).with_name("report.css")


class NoPrinterError(Exception):
    """The system lacks the libraries that the PDF needs (Pango; see README)."""


def html(document: Mapping[str, Any], figures: Mapping[str, bytes]) -> str:
    """`document`: Document.as_json(); `figures`: name → SVG. In the active language."""

    def data_of(name: str) -> str:
        return f"data:image/svg+xml;base64,{b64encode(figures[name]).decode()}"

    shown = linked(document, data_of, href_of=lambda _rows: "")
    # A file has its style in it, unlike a page.
    style = mark_safe(f"<style>{STYLE.read_text('utf-8')}</style>")  # noqa: S308 - our own file
    context = {"document": shown, "style": style}
    return render_to_string("evaluation/report.html", context)


def pdf(html: str) -> bytes:
    """A4, with page numbers. It fetches nothing: the HTML holds all it needs.

    Raises NoPrinterError."""
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except OSError as problem:
        raise NoPrinterError(str(problem)) from problem
    # It lets pillow take broken pictures for whole ones, in everything this process does.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    fetcher = URLFetcher(allowed_protocols=["data"])
    data: bytes = HTML(string=html, url_fetcher=fetcher).write_pdf()
    return data
