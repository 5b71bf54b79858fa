"""The command `kotsu`: each subcommand is loaded only when it is called, so that help is instant."""

from __future__ import annotations

import importlib

import click

_COMMANDS = {
    "plan": ("app.planning:plan", "Show what would be proposed for a folder; changes nothing."),
    "apply": ("app.planning:apply", "Write the proposals' edits into a folder."),
    "todo": ("app.owing:todo", "Show the promises in comments: which are due, how old, whose."),
    "list": ("app.reading:list_", "List the improvements."),
    "show": ("app.reading:show", "Explain one improvement."),
    "check": ("app.checking:check", "Check a kotsu.yml."),
    "schema": ("app.checking:schema", "Print the JSON Schema of kotsu.yml."),
    "demo": ("demo.run:demo", "Run the whole loop on loopback, webhooks in, pull requests out."),
    "serve": ("app.serving:serve", "Run the receiver, and the worker too unless KOTSU_BROKER_URL is set."),
    "setup": ("app.setting_up:setup", "Print the address at which a browser makes the GitHub App."),
    "worker": ("app.serving:worker", "Run one worker of the fleet."),
    "beat": ("app.serving:beat", "Run the fleet's clock."),
    "report": ("app.reporting:tell", "Tell what a week brought, for people, mail or scripts."),
    "doctor": ("app.doctor:doctor", "Check settings, services and GitHub, and say how to fix what is wrong."),
    "token": ("app.granting:token", "Make, list and revoke tokens for the API."),
    "db": ("app.database:db", "Upgrade, back up and restore the database."),
}


class _Lazy(click.Group):
    """A group that knows its commands by name and line, and imports the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 -- the same
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 -- the same
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in _COMMANDS.items()])


@click.command(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kotsu-app", prog_name="kotsu")
def main() -> None:
    """Open small, reviewable improvement pull requests on Python repositories.

    Begin with `kotsu plan` in a checkout: it needs no account and no server, and changes nothing.
    """
