"""What a browser sees through TLS and nginx: headers, cookies, pictures, closed doors."""

import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from email.message import Message
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

WANTED = {
    "Strict-Transport-Security": "max-age=31536000",
    "Content-Security-Policy": "default-src 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


class Visitor:
    """A browser without a page: cookies, TLS that trusts our certificate, no redirects."""

    def __init__(self, url: str, authority: Path) -> None:
        self.url = url
        self.jar = CookieJar()
        trusting = ssl.create_default_context(cafile=str(authority))
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=trusting),
            urllib.request.HTTPCookieProcessor(self.jar),
            NoRedirect(),
        )

    def get(
        self, address: str, data: Mapping[str, str] | None = None, **headers: str
    ) -> tuple[int, Message, bytes]:
        full = address if "://" in address else self.url + address
        body = urlencode(data).encode() if data is not None else None
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(full, body, {"Referer": self.url + "/", **named})
        try:
            with self.opener.open(request, timeout=20) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as problem:
            return problem.code, problem.headers, problem.read()

    def log_in(self, name: str, password: str) -> None:
        self.get("/login/")
        token = next(cookie.value for cookie in self.jar if cookie.name == "csrftoken")
        form = {"username": name, "password": password, "csrfmiddlewaretoken": str(token)}
        status, headers, _ = self.get("/login/", form)
        assert status == 302, status
        cookies = headers.get_all("Set-Cookie") or []
        assert any("sessionid" in cookie for cookie in cookies)
        for cookie in cookies:
            assert "Secure" in cookie, cookie
            assert "SameSite=Lax" in cookie, cookie
            assert "HttpOnly" in cookie or cookie.startswith("csrftoken"), cookie


def look(visitor: Visitor, plain: str, token: str) -> None:
    """`plain`: the address without TLS."""
    status, headers, _ = visitor.get(plain + "/study/")
    assert (status, headers["Location"].split(":")[0]) == (301, "https")

    status, headers, _ = visitor.get("/login/")
    assert status == 200
    for name, value in WANTED.items():
        assert value in (headers[name] or ""), (name, headers[name])
    assert headers["X-Frame-Options"] == "DENY"
    assert "nginx/" not in (headers["Server"] or "")
    assert len(headers["X-Request-ID"]) == 32

    for closed in ("/metrics", "/readyz"):
        assert visitor.get(closed, X_Forwarded_For="127.0.0.1")[0] == 403, closed
        assert visitor.get(closed, Authorization=f"Bearer {token}")[0] == 200, closed
    assert visitor.get("/protected-media/")[0] == 404
    assert visitor.get("/login/", {"x": "y" * 13_000_000})[0] == 413


def look_at_a_picture(visitor: Visitor, address: str) -> None:
    """A picture is sent by nginx, to whoever may see it and to nobody else."""
    status, headers, body = visitor.get(address)
    assert (status, headers["Content-Type"], body[:2]) == (200, "image/jpeg", b"\xff\xd8")
    assert "immutable" in headers["Cache-Control"]
    for name, value in WANTED.items():
        assert value in (headers[name] or ""), (name, headers[name])
    for name in ("X-Accel-Redirect", "Last-Modified", "ETag"):
        assert headers[name] is None, name
    visitor.jar.clear()
    assert visitor.get(address)[0] in (302, 403, 404)
