"""Pictures over HTTP, for whoever a view lets in."""

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import Http404, HttpResponse

from duetml.workspace.models import Image

FOR_EVER = "private, max-age=31536000, immutable"  # a picture's address always has the same bytes


def serve(image: Image, size: str) -> HttpResponse:
    """`size`: thumb or full."""
    paths = {"thumb": image.thumb_path, "full": image.full_path}
    if size not in paths:
        raise Http404
    headers = {"Cache-Control": FOR_EVER}
    if settings.PROXY_SENDS_FILES:
        headers["X-Accel-Redirect"] = f"/protected-media/{paths[size]}"
        return HttpResponse(content_type="image/jpeg", headers=headers)
    try:
        with default_storage.open(paths[size]) as file:
            data = file.read()
    except FileNotFoundError:
        raise Http404 from None
    return HttpResponse(data, content_type="image/jpeg", headers=headers)
