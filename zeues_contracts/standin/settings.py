"""How large and how patient a stand-in is: pool sizes, times, where its Redis is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Settings"]


@dataclass(frozen=True, slots=True)
class Settings:
    """Sizes are counts of connections, times are seconds.

    Without ``redis_url`` the locks live in memory, behind a pool of the same size and the same words.
    """

    redis_url: str = ""
    pool: int = 50
    stream_pool: int = 50
    maxclients: int = 10_000
    lock_ttl: float = 3600.0
    heartbeat: float = 15.0
    redis_timeout: float = 5.0
    sheets_up: bool = True

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """The settings that the environment gives.

        ``REDIS_URL``, and ``ZEUES_STANDIN_`` before ``POOL``, ``STREAM_POOL``, ``MAXCLIENTS``, ``LOCK_TTL``,
        ``HEARTBEAT``, ``REDIS_TIMEOUT``, ``SHEETS_UP`` (0 or 1).

        Raises ``ValueError`` that names the variable for a value that is not a number.
        """
        env = os.environ if environment is None else environment

        def number(name: str, default: float) -> float:
            text = env.get(f"ZEUES_STANDIN_{name}", "")
            try:
                return float(text) if text else default
            except ValueError:
                raise ValueError(f"ZEUES_STANDIN_{name} is not a number: {text!r}") from None

        return cls(
            redis_url=env.get("REDIS_URL", ""),
            pool=int(number("POOL", cls().pool)),
            stream_pool=int(number("STREAM_POOL", cls().stream_pool)),
            maxclients=int(number("MAXCLIENTS", cls().maxclients)),
            lock_ttl=number("LOCK_TTL", cls().lock_ttl),
            heartbeat=number("HEARTBEAT", cls().heartbeat),
            redis_timeout=number("REDIS_TIMEOUT", cls().redis_timeout),
            sheets_up=number("SHEETS_UP", 1) != 0,
        )
