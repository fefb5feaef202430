from typing import TYPE_CHECKING

from django.urls import path

from duetml.workspace.consumers import WorkspaceConsumer

if TYPE_CHECKING:
    from channels.routing import URLRouter, _ExtendedURLPattern

websocket_urlpatterns: "list[_ExtendedURLPattern | URLRouter]" = [
    # Django's types expect a view where Channels puts an ASGI application.
    path("ws/workspace/<uuid:workspace>/", WorkspaceConsumer.as_asgi()),  # type: ignore[arg-type,list-item]
]
