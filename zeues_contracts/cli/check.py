"""``zeues-contracts check``: everything that can be known about a service before its consumers meet it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from zeues_contracts.cli.options import Output, Progress, Target, report_options, service_options
from zeues_contracts.errors import UsageError

if TYPE_CHECKING:
    from zeues_contracts.check import Event, Listener
    from zeues_contracts.config import Config

__all__ = ["command", "narrowed", "telling"]

# As in check.STAGES, which is not imported to print a help page; a test keeps them equal.
STAGE_NAMES = ("health", "drift", "contracts", "replay", "fuzz")

_DOING = {
    "document": "reading the document",
    "health": "probing",
    "drift": "comparing with the snapshot",
    "contracts": "checking contracts",
    "replay": "replaying interactions",
    "fuzz": "fuzzing",
}


@click.command("check")
@service_options(several=True)
@click.option(
    "--only",
    multiple=True,
    metavar="STAGES",
    help=f"Some stages alone, by commas or repeated: {', '.join(STAGE_NAMES)}.",
)
@click.option("--since", default="", metavar="REV", help="Compare with the snapshot of a git revision.")
@click.option("--seconds", type=click.FloatRange(min=0.5), default=None, help="Time budget of fuzzing, per service.")
@click.option("--seed", type=int, default=None, help="Seed of fuzzing; the same seed makes the same requests.")
@click.option("--shard", default="", metavar="PART/PARTS", help="Fuzz one part of the operations, for CI matrices.")
@click.option(
    "--pending/--no-pending",
    default=None,
    help="Leave SERVICE.pending.json for `snapshot review --from`; by default where CI is set.",
)
@report_options
def command(
    target: Target,
    output: Output,
    only: Sequence[str],
    since: str,
    seconds: float | None,
    seed: int | None,
    shard: str,
    pending: bool | None,
) -> int:
    r"""Check services: health, drift, contracts, replay and fuzzing.

    Nothing but GET and HEAD is sent to a host that is not loopback, unless the configuration allows it.

    \b
    Exit codes: 0 nothing at or above the fail level; 1 findings; 2 usage or configuration;
    3 cannot judge: the service, or something that it depends on, is out, or no stage of --only could be judged.

    \b
    Examples:
      zeues-contracts check
      zeues-contracts check --only drift,contracts --format sarif --output drift.sarif
      zeues-contracts check --url http://localhost:8000/docs --seconds 10
      zeues-contracts check shop --since v1.2
    """
    from zeues_contracts.check import check

    chosen = stages_of(",".join(only))
    selection = target.load(fail_level=output.fail_level)
    config = narrowed(selection.config, selection.services, seconds=seconds, seed=seed)
    in_ci = os.environ.get("CI", "").lower() not in ("", "0", "false")
    with output.progress() as progress:
        report = check(
            config,
            selection.services,
            only=chosen,
            headers=selection.headers,
            since=since,
            shard=_shard(shard),
            pending=in_ci if pending is None else pending,
            listen=telling(progress),
        )
    return output.emit(report, config)


def stages_of(text: str) -> tuple[str, ...]:
    """The stages named in ``--only``. Raises :class:`UsageError` for one that there is not."""
    names = tuple(dict.fromkeys(one.strip() for one in text.split(",") if one.strip()))
    for name in names:
        if name not in STAGE_NAMES:
            raise UsageError(f"--only {name[:40]}: there is no such stage", hint=f"there are {', '.join(STAGE_NAMES)}")
    return names


def narrowed(config: Config, services: Sequence[str], *, seconds: float | None, seed: int | None) -> Config:
    """The configuration with the flags of fuzzing over it."""
    import msgspec

    changes = {key: value for key, value in (("seconds", seconds), ("seed", seed)) if value is not None}
    if not changes:
        return config
    changed = {
        name: msgspec.structs.replace(one, fuzz=msgspec.structs.replace(one.fuzz, **changes))
        if name in services
        else one
        for name, one in config.services.items()
    }
    return msgspec.structs.replace(config, services=changed)


def telling(progress: Progress) -> Listener:
    """A listener that shows on the progress line what is going on."""
    from zeues_contracts.check import Progress as Told
    from zeues_contracts.check import StageBegan

    def listen(event: Event) -> None:
        if isinstance(event, StageBegan):
            progress.show(f"{event.service}: {_DOING.get(event.stage, event.stage)} …")
        elif isinstance(event, Told):
            progress.show(f"{event.service}: {_DOING.get(event.stage, event.stage)} {event.text}")

    return listen


def _shard(text: str) -> tuple[int, int] | None:
    if not text:
        return None
    from zeues_contracts.live.fuzz_plan import parse_shard

    return parse_shard(text)
