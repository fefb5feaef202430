"""A bare Django form page: the least that keeps answers, on the same server and database as ours.

It is its own settings module and application: sessions and CSRF, a form of each page of the walk,
one row per page sent.
"""

import os
from typing import Any

import dj_database_url
import django
from django import forms
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template import engines
from django.urls import path

from tests.load.walk.answers import ANSWERS, PAGES

DATABASE = os.environ["BARE_DATABASE_URL"]
# As ours (duetml/config/settings.py).
OPTIONS: dict[str, Any] = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
}
if DATABASE.startswith("postgres"):
    OPTIONS = {"pool": {"min_size": 1, "max_size": 10, "timeout": 20}}
if not settings.configured:
    settings.configure(
        SECRET_KEY="nothing to keep",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        DATABASES={"default": dj_database_url.parse(DATABASE) | {"OPTIONS": OPTIONS}},
        INSTALLED_APPS=["django.contrib.sessions"],
        MIDDLEWARE=[
            "django.middleware.security.SecurityMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
        ],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )
    django.setup()

from django.db import connection, models  # noqa: E402 - set up first


class Answer(models.Model):
    session = models.CharField(max_length=40)
    page = models.IntegerField()
    values = models.JSONField()

    class Meta:
        app_label = "bare"


PAGE = """<!doctype html>
<html lang="en"><head><title>A page</title></head><body><h1>Page {{ number }}</h1>
<p>We want to find out how people who are not experts build a picture classifier. You practise,
then do two tasks and answer a few questions. Taking part is voluntary; you may stop at any
time.</p>
{% if is_last %}<p>Thank you.</p>{% else %}
<form method="post" action="/step/">
<input type="hidden" name="csrfmiddlewaretoken" value="{{ token }}">
{{ form.as_p }}<button>Next</button></form>{% endif %}
</body></html>"""
TEMPLATE = engines["django"].from_string(PAGE)


def form_of(number: int, data: Any = None) -> forms.Form:
    fields = {name: forms.CharField(max_length=60) for name in PAGES[number]}
    if not data:
        widget = forms.RadioSelect(choices=[(str(n), str(n)) for n in range(1, 6)])
        for name, field in fields.items():
            if ANSWERS[name].isdigit():
                field.widget = widget
    form = forms.Form(data)
    form.fields.update(fields)
    return form


def begin(request: HttpRequest) -> HttpResponse:
    request.session.flush()
    request.session["page"] = 0
    return redirect("/step/")


def step(request: HttpRequest) -> HttpResponse:
    number = request.session["page"]
    if request.method == "POST":
        form = form_of(number, request.POST)
        if form.is_valid():
            key = request.session.session_key or ""
            Answer(session=key, page=number, values=form.cleaned_data).save()
            request.session["page"] = number + 1
            return redirect("/step/")
    context = {
        "number": number,
        "form": form_of(number),
        "token": get_token(request),
        "is_last": number == len(PAGES) - 1,
    }
    return HttpResponse(TEMPLATE.render(context, request))


urlpatterns = [path("", begin), path("step/", step)]
application = get_asgi_application()

if __name__ == "__main__":  # make the tables
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(Answer)
