"""``python -m zeues_contracts.standin``: serve a scenario until it is stopped, and say where on standard output."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
import threading
from dataclasses import replace

from zeues_contracts.files import canonical_json
from zeues_contracts.standin.scenarios import SCENARIOS, mended
from zeues_contracts.standin.settings import Settings

__all__ = ["main"]

# Streams live as long as somebody holds them.
_HELD: list[object] = []


def main(arguments: list[str] | None = None) -> int:
    """Serve. The first line of standard output is the base URL, printed when the service answers."""
    given = _parser().parse_args(arguments)
    try:
        import uvicorn

        from zeues_contracts.standin.app import create_app
    except ImportError as error:
        sys.stderr.write(f"the stand-in needs the extra `demo`: {error}\n")
        return 2
    try:
        settings = Settings.from_environment()
        scenario = mended(SCENARIOS[given.scenario], *given.mend)
    except (ValueError, KeyError) as error:
        sys.stderr.write(f"{error.args[0]}\n")
        return 2
    settings = replace(
        settings,
        pool=given.pool if given.pool is not None else settings.pool,
        lock_ttl=given.lock_ttl if given.lock_ttl is not None else settings.lock_ttl,
        redis_url=given.redis_url if given.redis_url is not None else settings.redis_url,
        sheets_up=settings.sheets_up and not given.sheets_down,
    )
    app = create_app(scenario, settings)
    if given.document:
        sys.stdout.buffer.write(canonical_json(app.openapi()))
        return 0
    listener = socket.create_server((given.host, given.port))
    port = listener.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_level=given.log_level,
            access_log=False,
            # Streams never end by themselves; a stop does not wait for them.
            timeout_graceful_shutdown=1,
        )
    )
    url = f"http://{given.host}:{port}"
    threading.Thread(target=_announce, args=(url, given.fill_pool), daemon=True).start()
    if given.die_with_parent:
        threading.Thread(target=_stop_when_orphaned, daemon=True).start()
    server.run(sockets=[listener])
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m zeues_contracts.standin", description=__doc__)
    parser.add_argument("--scenario", choices=list(SCENARIOS), default="healthy", help="which day of the service")
    parser.add_argument("--mend", action="append", default=[], metavar="FLAG", help="mend one flag of the scenario")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    parser.add_argument("--port", type=int, default=0, help="the port to listen on; 0 takes a free one")
    parser.add_argument("--fill-pool", type=int, default=0, metavar="N", help="open N streams and hold them")
    parser.add_argument("--pool", type=int, help="connections in the pool (ZEUES_STANDIN_POOL)")
    parser.add_argument("--lock-ttl", type=float, help="seconds that a lock lives (ZEUES_STANDIN_LOCK_TTL)")
    parser.add_argument("--redis-url", help="the Redis that holds the locks (REDIS_URL); empty keeps them in memory")
    parser.add_argument("--sheets-down", action="store_true", help="Google Sheets does not answer")
    parser.add_argument("--log-level", default="critical", help="what uvicorn logs")
    parser.add_argument("--document", action="store_true", help="print the OpenAPI document as a snapshot, and end")
    parser.add_argument("--die-with-parent", action="store_true", help="stop when standard input is closed")
    return parser


def _announce(url: str, streams: int) -> None:
    """Print the address once the service answers, and hold the streams that were asked for."""
    from zeues_contracts.standin.server import hold_streams, wait_until_ready

    wait_until_ready(url)
    if streams:
        _HELD.append(hold_streams(url, streams))
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()


def _stop_when_orphaned() -> None:
    """A parent that dies takes us along: its end of our standard input closes."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    raise SystemExit(main())
