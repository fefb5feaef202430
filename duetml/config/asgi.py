"""The web process: HTTP by Django, sockets by Channels. It never loads torch or scikit-learn."""

import os
import tempfile

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "duetml.config.settings")
django_application = get_wsgi_application()

from channels.auth import AuthMiddlewareStack  # noqa: E402 - Django must be set up first
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from django.urls import get_resolver  # noqa: E402

from duetml.config.body_limit import largest_body, limited  # noqa: E402
from duetml.config.logs.tracing import traced  # noqa: E402
from duetml.config.metrics import sockets  # noqa: E402
from duetml.config.metrics.shared import this_process  # noqa: E402
from duetml.config.process.heap import give_back_large_blocks, settle  # noqa: E402
from duetml.config.threads import threaded  # noqa: E402
from duetml.live.push import keep_a_loop  # noqa: E402
from duetml.workspace.routing import websocket_urlpatterns  # noqa: E402

THREADS = 8  # more would wait for each other, not for anybody else

keep_a_loop()
give_back_large_blocks()  # of uploaded pictures, decoded
tempfile.tempdir = settings.FILE_UPLOAD_TEMP_DIR  # Django spools bodies there
workspaces = AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns)))
application = ProtocolTypeRouter(
    {
        "http": traced(limited(threaded(django_application, THREADS), largest_body)),
        "websocket": traced(sockets.counted(workspaces)),
    }
)
if not settings.TESTING:
    this_process.begin()
    get_resolver().url_patterns  # noqa: B018 - loads every view, before anybody waits for one
    settle()
