"""``zeues-contracts health``: probe a service and what it depends on."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from zeues_contracts.config import Config, ServiceConfig
    from zeues_contracts.live.health import HealthResult

__all__ = ["command"]


@click.command("health")
@click.argument("service", required=False, default="")
@click.option("--url", default="", help="Base URL of the service; overrides the configuration.")
@click.option("--header", "-H", "headers", multiple=True, metavar="NAME:VALUE", help="A header to send; repeatable.")
@click.option("--config", "config_file", type=click.Path(path_type=Path), default=None, help="Configuration file.")
@click.option("--timeout", type=float, default=None, help="Seconds to wait for each answer, at most 5.")
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(
    service: str, url: str, headers: Sequence[str], config_file: Path | None, timeout: float | None, style: str
) -> int:
    """Probe a service and what it depends on, and say whether its health endpoints are honest.

    Exit codes: 0 all well; 1 a finding without an outage; 3 the service, or something it depends on, is out.
    """
    import msgspec

    from zeues_contracts.config import expand_environment, load_config
    from zeues_contracts.live.health import preflight

    config = load_config(config_file)
    name, settings = _service(config, service, bool(url))
    base = url or settings.base_url or settings.url
    if not base:
        raise click.UsageError("no URL: give --url, or `url` in the configuration of the service")
    limits = config.limits if timeout is None else msgspec.structs.replace(config.limits, timeout=timeout)
    sent = {key: expand_environment(value) for key, value in settings.headers.items()} | _headers(headers)
    began = time.monotonic()
    result = preflight(_base(base), None, settings, sent, service=name, limits=limits)
    if style == "json":
        click.echo(_json(result, time.monotonic() - began))
    else:
        click.echo(_text(result, _base(base)))
    if result.outage is not None:
        return 3
    from zeues_contracts.findings import Level

    return 1 if any(finding.level is Level.ERROR for finding in result.findings) else 0


def _service(config: Config, name: str, url_given: bool) -> tuple[str, ServiceConfig]:
    from zeues_contracts.config import ServiceConfig

    if name:
        if name not in config.services:
            known = ", ".join(sorted(config.services)) or "none"
            raise click.UsageError(f"no service {name!r} in the configuration; there are: {known}")
        return name, config.services[name]
    if len(config.services) == 1 and not url_given:
        return next(iter(config.services.items()))
    if len(config.services) > 1 and not url_given:
        raise click.UsageError(f"which service? there are: {', '.join(sorted(config.services))}")
    return "", ServiceConfig()


def _headers(given: Sequence[str]) -> dict[str, str]:
    found = {}
    for one in given:
        name, colon, value = one.partition(":")
        if not colon or not name.strip():
            raise click.UsageError(f"--header {one!r}: give NAME:VALUE")
        found[name.strip()] = value.strip()
    return found


def _base(url: str) -> str:
    """The base of a URL that may be that of a documentation page or of the document."""
    import re

    return re.sub(r"/(?:docs|redoc|swagger(?:-ui)?(?:/index\.html)?|openapi\.(?:json|ya?ml))/?(?:[?#].*)?$", "", url)


def _text(result: HealthResult, base: str) -> str:
    lines = [f"Health of {base}"]
    for probe in result.probes:
        word = {True: "healthy", False: "NOT healthy", None: "cannot tell"}[probe.healthy]
        status = "" if probe.status is None else str(probe.status)
        of = f" ({probe.dependency})" if probe.dependency else ""
        lines.append(f"  {word:12} {status:4} {probe.path}{of}" + (f"  {probe.text}" if probe.text else ""))
    if not result.probes:
        lines.append("  no health endpoint was found; the service answers" if result.outage is None else "")
    for finding in result.findings:
        lines += ["", f"{finding.level.value} {finding.rule}  {finding.message}"]
        lines += [f"    {line}" for line in finding.evidence.details]
    lines += ["", result.outage.sentence if result.outage is not None else "nothing is out"]
    return "\n".join(line.rstrip() for line in lines)


def _json(result: HealthResult, seconds: float) -> str:
    import json

    value: Mapping[str, Any] = {
        "probes": [
            {
                "path": probe.path,
                "url": probe.url,
                "status": probe.status,
                "healthy": probe.healthy,
                "dependency": probe.dependency,
                "text": probe.text,
            }
            for probe in result.probes
        ],
        "findings": [
            {
                "rule": finding.rule,
                "level": finding.level.value,
                "message": finding.message,
                "fingerprint": finding.fingerprint,
                "details": list(finding.evidence.details),
            }
            for finding in result.findings
        ],
        "outage": None
        if result.outage is None
        else {
            "dependency": result.outage.dependency,
            "confidence": result.outage.confidence.value,
            "evidence": list(result.outage.evidence),
        },
        "seconds": round(seconds, 3),
    }
    return json.dumps(value, indent=2, ensure_ascii=False)
