"""What other processes may ask of the stand-in: what came when, and how to answer from now on.

GET /requests            a list, see told(); ?find=PATTERN adds the first match in each one's text
DELETE /requests         forget them
POST /script             {"behaviours": [{"text": "Yes."}, {"status": 500}], "to": "proactive",
                         "always": false}; fields as in Behaviour; {"forget": true} ends all of it
"""

import re
from dataclasses import fields
from typing import Any

from aiohttp import web

from tests.vendor.behaviour import Behaviour
from tests.vendor.completions import Completions
from tests.vendor.seen import Seen

FIELDS = {field.name for field in fields(Behaviour)}
ORDERS = {"behaviours", "to", "always", "forget"}


def add(app: web.Application, completions: Completions) -> None:
    async def listed(request: web.Request) -> web.Response:
        pattern = request.query.get("find")
        return web.json_response([told(seen, pattern) for seen in completions.requests])

    async def cleared(request: web.Request) -> web.Response:
        completions.requests.clear()
        return web.json_response([])

    async def scripted(request: web.Request) -> web.Response:
        try:
            order(completions, await request.json())
        except (ValueError, TypeError) as problem:
            return web.json_response({"error": str(problem)}, status=400)
        return web.json_response({})

    app.router.add_get("/requests", listed)
    app.router.add_delete("/requests", cleared)
    app.router.add_post("/script", scripted)


def told(seen: Seen, pattern: str | None = None) -> dict[str, Any]:
    """One request for another process. Times are unix seconds, null while they are to come."""
    document = {
        "at": seen.at,
        "agent": seen.agent,
        "language": seen.asker.language,
        "version": seen.asker.version,
        "model": seen.body.get("model"),
        "images": len(seen.images),
        "bytes": seen.size,
        "status": seen.status,
        "problem": seen.problem,
        "first_at": seen.first_at,
        "ended_at": seen.ended_at,
        "closed_early": seen.closed_early,
    }
    if pattern is not None:
        found = re.search(pattern, seen.text)
        document["found"] = found.group(found.re.groups and 1) if found else None
    return document


def order(completions: Completions, document: dict[str, Any]) -> None:
    """Raises ValueError or TypeError for what is no order."""
    if unknown := document.keys() - ORDERS:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}; known: {sorted(ORDERS)}")
    behaviours = tuple(_behaviour(one) for one in document.get("behaviours", []))
    if document.get("forget"):
        completions.script.forget()
    if not document.get("always"):
        completions.script.queue(behaviours, document.get("to"))
        return
    for behaviour in behaviours:
        completions.script.stand(behaviour, document.get("to"))


def _behaviour(document: dict[str, Any]) -> Behaviour:
    if unknown := document.keys() - FIELDS:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}; known: {sorted(FIELDS)}")
    headers = tuple((name, value) for name, value in document.get("headers", ()))
    return Behaviour(**{**document, "headers": headers})
