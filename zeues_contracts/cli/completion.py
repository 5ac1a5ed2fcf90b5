"""``zeues-contracts completion``: the script that makes a shell complete commands and options."""

from __future__ import annotations

import click

from zeues_contracts.errors import UsageError

__all__ = ["command"]

PROGRAM = "zeues-contracts"
VARIABLE = "_ZEUES_CONTRACTS_COMPLETE"
"""As click names it after the program; the script sets it."""

SHELLS = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", required=False, type=click.Choice(SHELLS))
def command(shell: str | None) -> int:
    r"""Print the completion script of a shell; without SHELL that of the one in use.

    \b
    Examples:
      source <(zeues-contracts completion bash)                 in ~/.bashrc
      source <(zeues-contracts completion zsh)                  in ~/.zshrc
      zeues-contracts completion fish | source                  in ~/.config/fish/config.fish
    """
    from click.shell_completion import get_completion_class

    from zeues_contracts.cli import main
    from zeues_contracts.cli.options import write_out

    name = shell or _shell_in_use()
    kind = get_completion_class(name)
    assert kind is not None, name
    script = kind(main, {}, PROGRAM, VARIABLE)
    try:
        # click's script for fish cuts what is told of a command at its first comma.
        text = script.source().replace('string split ","', 'string split -m 1 ","')
    except RuntimeError as error:  # click asks bash for its version
        raise UsageError(f"{name}: {error}") from None
    write_out(text if text.endswith("\n") else f"{text}\n")
    return 0


def _shell_in_use() -> str:
    import os
    from pathlib import PurePath

    name = PurePath(os.environ.get("SHELL", "")).name
    if name not in SHELLS:
        raise UsageError(
            f"which shell? SHELL is {name or 'not set'}", hint=f"name one: {PROGRAM} completion {'|'.join(SHELLS)}"
        )
    return name
