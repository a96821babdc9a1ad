"""The command `dateline`: its options, and where each sub-command lives."""

from importlib import import_module
from typing import Any

import click

from shared.settings import PREFIX

# Named, not imported: `dateline stage feed` must not wait for Celery.
COMMANDS = {
    "run": "services.cli.run:run",
    "add": "services.cli.add:add",
    "sources": "services.cli.sources:sources",
    "status": "services.cli.status:status",
    "trace": "services.cli.trace:trace",
    "dead": "services.cli.dead:dead",
    "explain": "services.cli.dead:explain",
    "events": "services.cli.events:events",
    "publish": "services.cli.publish:publish",
    "concepts": "services.cli.concepts:concepts",
    "rebuild": "services.cli.rebuild:rebuild",
    "export": "services.cli.export:export",
    "worker": "services.cli.processes:worker",
    "scheduler": "services.cli.processes:scheduler",
    "web": "services.cli.processes:web",
    "flower": "services.cli.processes:flower",
    "migrate": "services.cli.processes:migrate",
    "stage": "services.cli.lines:stage",
}


class Commands(click.Group):
    """A group that loads a command when it is called."""

    def invoke(self, ctx: click.Context) -> Any:
        """Say in one sentence what this machine or its database refuses, wherever a command met it."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise  # whoever read the output has gone: click knows
        except OSError as error:
            if error.filename is None:
                raise
            raise click.ClickException(f"{error.filename}: {error.strerror}. Check the path, and that it is yours to write.") from error
        except _database_errors() as error:
            from shared.outcomes import is_away

            if not is_away(error):
                raise
            said = str(error).strip().partition("\n")[0][:300]
            raise click.ClickException(f"the database does not answer: {said}. Try again when it does.") from error

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        found: click.Command = getattr(import_module(module), name)
        return found


def _database_errors() -> tuple[type[Exception], ...]:
    """Imported when something was raised, since `dateline stage` needs no database."""
    from sqlalchemy.exc import InterfaceError, OperationalError

    return OperationalError, InterfaceError


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.option("--data", metavar="DIR", help=f"Folder of the embedded stack's database, raw documents and pages.  [{PREFIX}DATA, data]")
@click.option("--database", metavar="URL", help=f"Database of a stack that runs elsewhere.  [{PREFIX}DATABASE]")
@click.option("--broker", metavar="URL", help=f"Redis of a stack that runs elsewhere.  [{PREFIX}BROKER]")
@click.version_option(package_name="dateline")
@click.pass_context
def main(ctx: click.Context, **given: Any) -> None:
    """Dateline reads the news of many outlets without pause and keeps a chronicle: one dated and linked page per event.

    \b
    dateline run                     the whole stack on this machine; open the address that it prints
    dateline sources add URL         read one more feed
    dateline add URL|FILE…           add articles by hand
    dateline trace URL               what became of an article
    dateline status                  what flows, waits and fell out

    Exit status: 0 done, 1 it could not, 2 misused. Every setting is an environment variable; README.md has the table.
    """
    if ctx.invoked_subcommand != "stage":
        from services.cli.place import Place

        ctx.obj = Place(given)
