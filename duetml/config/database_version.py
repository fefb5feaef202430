"""Whether the database answers, and is of the same version as this program."""

from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

CONNECT_SECONDS = 3


class WrongVersionError(Exception):
    """The text is one sentence that says what to do."""


def unreachable() -> str:
    """What speaks against asking the database, in its words; nothing where it answers. Past the
    pool, which would wait and not say why."""
    alone = connection.copy()
    options = alone.settings_dict["OPTIONS"]
    if options.pop("pool", None) is not None:
        options["connect_timeout"] = CONNECT_SECONDS
    try:
        alone.ensure_connection()
    except OperationalError as problem:
        return " ".join((str(problem) or type(problem).__name__).split())
    finally:
        alone.close()
    return ""


def missing() -> list[str]:
    """Migrations this program has and the database has not, as app/name."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}/{migration.name}" for migration, _backwards in plan]


def unknown() -> list[str]:
    """Migrations the database has and this program does not know."""
    loader = MigrationExecutor(connection).loader
    ours = {app for app, _name in loader.disk_migrations}
    applied = set(loader.applied_migrations) - set(loader.disk_migrations)
    replaced = {
        name for migration in loader.disk_migrations.values() for name in migration.replaces
    }
    return sorted(f"{app}/{name}" for app, name in applied - replaced if app in ours)


def require_not_newer() -> None:
    """Raises WrongVersionError for a database that a newer version has migrated."""
    if ahead := unknown():
        raise WrongVersionError(
            f"The database belongs to a newer version of DuetML ({ahead[-1]} is unknown here):"
            " install that version again, or restore a backup of this one."
        )


def require_same() -> None:
    """Raises WrongVersionError unless every migration of this program is applied, and none else."""
    require_not_newer()
    if behind := missing():
        raise WrongVersionError(
            f"The database is older than this program ({len(behind)} migrations are missing,"
            f" {behind[0]} first): take a backup, then run manage.py migrate."
        )
