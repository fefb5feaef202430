"""manage.py draw_pools: the demo's image pools, drawn by this program."""

from typing import Any, get_args

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils import timezone

from duetml.drawings import PoolName, draw_pool
from duetml.vision.intake import read_picture
from duetml.workspace.models import Pool
from duetml.workspace.services import imports, pools

LICENCE = "Drawn by this program; free to use (CC0)."


class Command(BaseCommand):
    help = "Draws the pools practice, animals and mixed where they do not exist."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only", choices=get_args(PoolName), help="this pool alone")
        parser.add_argument("--seed", type=int, default=1)

    def handle(
        self, *args: object, only: PoolName | None, seed: int, verbosity: int, **options: Any
    ) -> None:
        names: tuple[PoolName, ...] = (only,) if only else get_args(PoolName)
        for name in names:
            told = _draw(name, seed)
            if verbosity:
                self.stdout.write(told)


def _draw(name: PoolName, seed: int) -> str:
    if Pool.objects.filter(name=name).exists():
        return f"Pool “{name}” exists and is left as it is."
    pictures = [
        (drawing.name, read_picture(drawing.jpeg, drawing.name))
        for drawing in draw_pool(name, seed)
    ]
    now = timezone.now()
    with transaction.atomic():
        pool = pools.get_or_create(name, LICENCE, now)
        added = sum(pools.add(pool, picture, source, now) for source, picture in pictures)
        imports.note(pool, "draw_pools", name, imports.Counts(added), now)
        pools.embed(pool)
    return f"Pool “{name}”: {added} pictures drawn."
