from django.urls import URLPattern, path

from duetml.workspace.consumers import WorkspaceConsumer

# The annotation: the consumer is an ASGI application where Django's types expect a view.
websocket_urlpatterns: list[URLPattern] = [
    path("ws/workspace/<uuid:workspace>/", WorkspaceConsumer.as_asgi()),  # type: ignore[arg-type]
]
