import re
from typing import Any

from django.conf import settings
from django.contrib.auth.views import LoginView, LogoutView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.i18n import JavaScriptCatalog

from duetml.config.static import PAGES, words_of_page

SCRIPT = re.compile("[a-z-]{1,40}")
ROOMS_WITH_WORDS = {"workspace": "duetml.workspace", "rating": "evaluation"}


def home(request: HttpRequest) -> HttpResponse:
    """Everybody's way in: staff to their studies, raters to their queue, others to the door."""
    if not request.user.is_authenticated:
        return render(request, "home.html", {"studio": settings.STUDIO})
    return redirect("study:home" if request.user.is_staff else "evaluation:queue")


class Login(LoginView):
    template_name = "login.html"


class Logout(LogoutView):
    pass


@method_decorator(cache_control(private=True, max_age=3600), name="dispatch")
@method_decorator(gzip_page, name="dispatch")
class JavaScriptWords(JavaScriptCatalog):
    """One room's words, in the language the page names (it may be another than the browser's).

    A page that names its script (?page=…) gets the words of that script only: what a workspace
    does not have is not spoken of in its page.
    """

    def get(self, request: HttpRequest, room: str, *args: Any, **kwargs: Any) -> HttpResponse:
        self.words = _words_of(room, request.GET.get("page"))
        named = request.GET.get("language", "")
        with translation.override(named if named in dict(settings.LANGUAGES) else get_language()):
            return super().get(request, *args, packages=ROOMS_WITH_WORDS[room], **kwargs)

    def get_catalog(self) -> dict[str, Any]:
        catalog: dict[str, Any] = super().get_catalog()
        words = self.words
        return catalog if words is None else {k: v for k, v in catalog.items() if k in words}


def _words_of(room: str, page: str | None) -> frozenset[str] | None:
    """None stands for all of the room's words."""
    if page is None:
        return None
    if not SCRIPT.fullmatch(page):
        raise Http404
    try:
        return words_of_page(f"{room}/{PAGES}/{page}.js")
    except FileNotFoundError:
        raise Http404 from None
