#!/usr/bin/env python3
import os
import sys

from django.core.management import execute_from_command_line

from duetml.media import MediaError

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "duetml.config.settings")
    try:
        execute_from_command_line(sys.argv)
    except MediaError as problem:  # of every command that reads or writes pictures
        sys.exit(f"CommandError: {problem}")
