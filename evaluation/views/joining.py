"""The invitation link: GET shows what it is, only POST uses it up."""

from django.contrib.auth import login
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from duetml.workspace.services.refusal import Refused
from evaluation.services import invitations


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    invitation = invitations.find(token)
    user = request.user if isinstance(request.user, User) else None
    context = {"invitation": invitation, "name": request.POST.get("name", "")}
    if request.method != "POST" or invitation is None:
        return render(request, "evaluation/join.html", context, status=200 if invitation else 404)
    try:
        rater = invitations.accept(
            token,
            user=user,
            name=request.POST.get("name", ""),
            password=request.POST.get("password", ""),
            now=timezone.now(),
        )
    except Refused as refused:
        return render(request, "evaluation/join.html", context | {"refused": refused}, status=400)
    if user is None:
        login(request, rater.user, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("evaluation:queue")
