"""The second step of a login, and its preparation."""

from base64 import b32encode
from collections.abc import Callable
from functools import wraps

import segno
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django_otp import login
from django_otp.plugins.otp_totp.models import TOTPDevice

from duetml.config.second_factor import devices
from duetml.config.second_factor.devices import Answer, Device
from duetml.config.second_factor.gate import ENROL, SECOND, is_verified

PENDING = "second_factor_pending"  # the device that this session enrols
PIXELS = 5  # of a QR code's smallest square

View = Callable[[HttpRequest], HttpResponse]
StaffView = Callable[[HttpRequest, User], HttpResponse]


def of_staff(view: StaffView) -> View:
    """Nothing where the second factor is off, nor for those who need none."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        user = request.user
        if not settings.SECOND_FACTOR or not isinstance(user, User) or not user.is_staff:
            raise Http404
        return redirect(_next(request)) if is_verified(request) else view(request, user)

    methods = require_http_methods(["GET", "HEAD", "POST"])
    within: View = login_required(methods(guarded))
    return never_cache(sensitive_post_parameters()(within))


@of_staff
def second(request: HttpRequest, user: User) -> HttpResponse:
    """Asks for a code; whoever has no device is led to enrol one."""
    if devices.device_of(user) is None:
        return redirect(f"{resolve_url(ENROL)}?{request.GET.urlencode()}")
    if request.method != "POST":
        return _page(request, "second_factor/code.html")
    answer = devices.check(user, request.POST.get("code", ""))
    if isinstance(answer, Answer):
        return _page(request, "second_factor/code.html", answer)
    _let_in(request, answer)
    return redirect(_next(request))


@of_staff
def enrol(request: HttpRequest, user: User) -> HttpResponse:
    """Shows a secret until a code made with it is given, then the recovery codes, once."""
    if devices.device_of(user) is not None:
        return redirect(SECOND)
    answer: Answer | None = None
    if request.method == "POST":
        pending = request.session.get(PENDING)
        done = devices.enrol(user, pending, request.POST.get("code", ""))
        if not isinstance(done, Answer):
            device, codes = done
            _let_in(request, device)
            return _page(request, "second_factor/codes.html", codes=codes)
        answer = done
    device = devices.begin(user, request.session.get(PENDING))
    request.session[PENDING] = device.pk
    return _page(
        request, "second_factor/enrol.html", answer, picture=_picture(device), secret=_text(device)
    )


def _let_in(request: HttpRequest, device: Device) -> None:
    request.session.pop(PENDING, None)
    request.session.cycle_key()  # the session of before the code opens nothing
    login(request, device)


def _page(
    request: HttpRequest, template: str, answer: Answer | None = None, **facts: object
) -> HttpResponse:
    facts |= {"answer": answer and answer.name, "next": _next(request)}
    return render(request, template, facts, status=answer.value if answer else 200)


def _next(request: HttpRequest) -> str:
    asked = request.POST.get("next") or request.GET.get("next") or ""
    own = {request.get_host()}
    is_ours = url_has_allowed_host_and_scheme(asked, own, require_https=request.is_secure())
    return asked if is_ours else resolve_url(settings.LOGIN_REDIRECT_URL)


def _picture(device: TOTPDevice) -> str:
    """An SVG element; dark on white in every colour scheme, or cameras cannot read it."""
    code = segno.make(device.config_url, error="m", micro=False)
    return mark_safe(code.svg_inline(scale=PIXELS, dark="#000", light="#fff"))  # noqa: S308  # nosec


def _text(device: TOTPDevice) -> str:
    """The secret in groups of four, to type."""
    secret = b32encode(device.bin_key).decode()
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
