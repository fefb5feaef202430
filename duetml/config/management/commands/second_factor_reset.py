"""For somebody who lost their device."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from duetml.config.second_factor import devices


class Command(BaseCommand):
    help = "Forget the second factor of a member of staff, who enrols anew at the next login."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        user = User.objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"Nobody is called {name}.")
        if not devices.reset(user):
            raise CommandError(f"{name} has no second factor.")
        self.stdout.write(
            f"{name}: the second factor is forgotten; the next login enrols a new one"
        )
