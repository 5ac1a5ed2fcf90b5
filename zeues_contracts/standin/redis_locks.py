"""Locks on a real Redis, through redis-py's own connection pools."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from zeues_contracts.standin.locks import LockServerError, Subscription

__all__ = ["RedisLocks"]

_CHANNEL = "spools:updates"
_PREFIX = "spool_lock:"
# Scripts, so that each step is one command on one connection, on every Redis from 2.6 on.
_ACQUIRE = (
    "local held = redis.call('get', KEYS[1]) if held then return held end "
    "redis.call('set', KEYS[1], ARGV[1], 'px', ARGV[2]) return false"
)
_RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end"


class RedisLocks:
    """The locks of a process: pools of ``size`` and ``stream_size`` connections that raise when they run out.

    Without ``stream_size`` streams and locks share one pool, as on 2026-02-02.
    """

    def __init__(self, url: str, size: int, stream_size: int | None, timeout: float) -> None:
        from redis.asyncio import ConnectionPool, Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff

        def pool(limit: int) -> Any:
            return ConnectionPool.from_url(
                url,
                max_connections=limit,
                decode_responses=True,
                # HELLO is the first command: its answer carries the server's own words when it takes no more clients.
                protocol=3,
                socket_connect_timeout=timeout,
                socket_timeout=timeout,
                # A driver that tries again on its own would hide what the server said.
                retry=Retry(NoBackoff(), 0),
            )

        self._pools = [pool(size)] if stream_size is None else [pool(size), pool(stream_size)]
        self._redis: Any = Redis(connection_pool=self._pools[0])
        self._streams: Any = Redis(connection_pool=self._pools[-1])
        self._timeout = timeout

    async def ping(self) -> None:
        """Ask whether the server answers."""
        with _words():
            await self._redis.ping()

    async def owner(self, tag: str) -> str | None:
        """Who holds the lock of a tag."""
        with _words():
            value: str | None = await self._redis.get(_PREFIX + tag)
        return value

    async def acquire(self, tag: str, owner: str, ttl: float) -> str | None:
        """Take the lock if nobody has it: ``None`` when it was taken, else its owner."""
        with _words():
            milliseconds = max(1, int(ttl * 1000))
            value: str | None = await self._redis.eval(_ACQUIRE, 1, _PREFIX + tag, owner, milliseconds)
        return value

    async def release(self, tag: str, owner: str) -> None:
        """Give the lock back, if it is still the owner's."""
        with _words():
            await self._redis.eval(_RELEASE, 1, _PREFIX + tag, owner)

    async def publish(self, event: str) -> None:
        """Tell all subscriptions."""
        with _words():
            await self._redis.publish(_CHANNEL, event)

    @asynccontextmanager
    async def subscribe(self) -> AsyncIterator[Subscription]:
        """Open a stream of events; its connection is kept until the context ends."""
        pubsub = self._streams.pubsub(ignore_subscribe_messages=True)
        try:
            with _words():
                await pubsub.subscribe(_CHANNEL)
            yield _RedisSubscription(pubsub)
        finally:
            await _close(pubsub)

    async def aclose(self) -> None:
        """Give up all connections."""
        for pool in self._pools:
            await pool.aclose()


class _RedisSubscription:
    def __init__(self, pubsub: Any) -> None:
        self._pubsub = pubsub

    async def next(self, timeout: float) -> str | None:
        with _words():
            message = await self._pubsub.get_message(timeout=timeout)
        return None if message is None else str(message["data"])


async def _close(pubsub: Any) -> None:
    """Give the connection back even when the request was cancelled."""
    import anyio

    with anyio.CancelScope(shield=True):
        with contextlib.suppress(Exception):  # the server is gone; there is nothing to give back
            await pubsub.aclose()


@contextmanager
def _words() -> Iterator[None]:
    """Turn the driver's errors into ours, with the driver's words."""
    from redis import exceptions

    try:
        yield
    except exceptions.RedisError as error:
        text = str(error)
        gone = isinstance(error, exceptions.ConnectionError) and text.startswith("Error ") and "connecting to" in text
        raise LockServerError(text, reached=not gone) from error
    except OSError as error:
        raise LockServerError(str(error), reached=False) from error
