"""``zeues-contracts demo``: the real check, over HTTP, against the embedded stand-in backend."""

from __future__ import annotations

import click

from zeues_contracts.cli.options import Output, report_options

__all__ = ["command"]

# As in standin.scenarios, which is not imported to print a help page; a test keeps them equal.
SCENARIO_NAMES = ("healthy", "incident", "half-mended", "bugs-mended", "drifted")


@click.command("demo")
@click.option(
    "--scenario",
    type=click.Choice(SCENARIO_NAMES),
    default="incident",
    show_default=True,
    help="Which day of the ZEUES backend to meet.",
)
@click.option("--outage", is_flag=True, help="Open streams until no connection to Redis is left, as on that day.")
@click.option("--redis-url", default="", metavar="URL", help="Keep the locks on a real Redis instead of in memory.")
@click.option(
    "--seconds", type=click.FloatRange(min=0.5), default=8.0, show_default=True, help="Time budget of fuzzing."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of fuzzing.")
@report_options
def command(output: Output, scenario: str, outage: bool, redis_url: str, seconds: float, seed: int) -> int:
    r"""Run the check against the embedded stand-in backend.

    Starts a FastAPI service of a real day on a free loopback port and checks it from its /docs, with the snapshot and
    the contracts that its team had. Ends with the exit code that the check gives.

    \b
    Examples:
      zeues-contracts demo                        the day of the incident, Redis being up
      zeues-contracts demo --outage               the same with Redis out of connections: exit 3
      zeues-contracts demo --scenario drifted     a later version with breaking changes
      zeues-contracts demo --scenario healthy     nothing to find: exit 0
    """
    from zeues_contracts.check import check
    from zeues_contracts.cli.check import narrowed, telling
    from zeues_contracts.standin.scenes import SERVICE, scene
    from zeues_contracts.standin.server import hold_streams, running_standin

    with output.progress() as progress:
        progress.show(f"starting the stand-in backend, scenario {scenario} …")
        with running_standin(scenario, redis_url=redis_url) as service:
            streams = hold_streams(service.url, 50) if outage else None
            try:
                config = narrowed(scene(scenario, service.docs), (SERVICE,), seconds=seconds, seed=seed)
                report = check(config, listen=telling(progress))
            finally:
                if streams is not None:
                    streams.release()
    return output.emit(report, config)
