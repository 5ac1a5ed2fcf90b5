"""Who holds which spool: the locks, and the connections that they need.

One interface, two servers behind it: a real Redis (``redis_locks``) and one in memory with the same limits and words.
In both a connection is taken from a bounded pool for every command, and an open subscription keeps its connection.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

__all__ = ["LockServerError", "Locks", "MemoryLocks", "MemoryPool", "MemoryServer", "Subscription"]


class LockServerError(Exception):
    """The lock server did not do what was asked, in the driver's words.

    ``reached`` is whether it was there at all: a refused connection is a server that is gone, an exhausted pool is not.
    """

    def __init__(self, message: str, *, reached: bool = True) -> None:
        super().__init__(message)
        self.reached = reached


class Subscription(Protocol):
    """An open stream of events; it keeps one connection of its pool."""

    async def next(self, timeout: float) -> str | None:
        """The next event, or ``None`` after ``timeout`` seconds. Raises :class:`LockServerError`."""


class Locks(Protocol):
    """Locks by tag, with an owner and a time to live. Every method may raise :class:`LockServerError`."""

    async def ping(self) -> None:
        """Ask whether the server answers."""

    async def owner(self, tag: str) -> str | None:
        """Who holds the lock of a tag."""

    async def acquire(self, tag: str, owner: str, ttl: float) -> str | None:
        """Take the lock if nobody has it: ``None`` when it was taken, else its owner."""

    async def release(self, tag: str, owner: str) -> None:
        """Give the lock back, if it is still the owner's."""

    async def publish(self, event: str) -> None:
        """Tell all subscriptions."""

    def subscribe(self) -> AbstractAsyncContextManager[Subscription]:
        """Open a stream of events; its connection is kept until the context ends."""

    async def aclose(self) -> None:
        """Give up all connections."""


class MemoryServer:
    """What stands for the Redis server: keys with a time to live, channels, and a limit of clients (``maxclients``)."""

    def __init__(self, maxclients: int = 10_000) -> None:
        self.maxclients = maxclients
        self.up = True
        self.clients = 0
        self._keys: dict[str, tuple[str, float]] = {}
        self._queues: set[asyncio.Queue[str]] = set()

    def connect(self) -> None:
        """One more client. Raises :class:`LockServerError` with Redis's own words."""
        self.check()
        if self.clients >= self.maxclients:
            raise LockServerError("max number of clients reached")
        self.clients += 1

    def check(self) -> None:
        """Raise when the server is down."""
        if not self.up:
            raise LockServerError("Error 111 connecting to localhost:6379. Connection refused.", reached=False)

    def get(self, key: str) -> str | None:
        """The value of a key that has not expired."""
        self.check()
        value, expires = self._keys.get(key, ("", 0.0))
        if expires <= time.monotonic():
            self._keys.pop(key, None)
            return None
        return value

    def set_if_absent(self, key: str, value: str, ttl: float) -> str | None:
        """Set a key unless there is one, which is returned (SET NX PX GET)."""
        held = self.get(key)
        if held is None:
            self._keys[key] = (value, time.monotonic() + ttl)
        return held

    def delete_if(self, key: str, value: str) -> None:
        """Delete a key that has this value."""
        if self.get(key) == value:
            del self._keys[key]

    def flush(self) -> None:
        """Forget all keys, as at FLUSHDB or when every lock has run out."""
        self._keys.clear()

    def publish(self, event: str) -> None:
        """Hand an event to all subscribers; slow ones lose it."""
        self.check()
        for queue in self._queues:
            if not queue.full():
                queue.put_nowait(event)

    def attach(self, queue: asyncio.Queue[str]) -> None:
        """A new subscriber."""
        self._queues.add(queue)

    def detach(self, queue: asyncio.Queue[str]) -> None:
        """A subscriber leaves."""
        self._queues.discard(queue)


class MemoryPool:
    """A bounded pool of connections that does not wait: the words are redis-py's."""

    def __init__(self, server: MemoryServer, size: int) -> None:
        self._server = server
        self._size = size
        self._idle = 0
        self.in_use = 0

    def take(self) -> None:
        """Take an idle connection or make one. Raises :class:`LockServerError`."""
        self._server.check()
        if self._idle:
            self._idle -= 1
        elif self.in_use >= self._size:
            raise LockServerError("Too many connections")
        else:
            self._server.connect()
        self.in_use += 1

    def give(self) -> None:
        """Give a connection back; it stays open for the next one."""
        self.in_use -= 1
        self._idle += 1

    def close(self) -> None:
        """Close the idle connections."""
        self._server.clients -= self._idle
        self._idle = 0


class _MemorySubscription:
    def __init__(self, server: MemoryServer) -> None:
        self._server = server
        self.queue: asyncio.Queue[str] = asyncio.Queue(maxsize=1000)

    async def next(self, timeout: float) -> str | None:
        self._server.check()
        try:
            return await asyncio.wait_for(self.queue.get(), timeout)
        except TimeoutError:
            self._server.check()
            return None


class MemoryLocks:
    """Locks on a :class:`MemoryServer`. ``stream_pool`` is the pool of subscriptions; it may be the same one."""

    def __init__(self, server: MemoryServer, pool: MemoryPool, stream_pool: MemoryPool) -> None:
        self.server = server
        self.pool = pool
        self.stream_pool = stream_pool

    async def ping(self) -> None:
        """Ask whether the server answers."""
        async with self._connection():
            self.server.check()

    async def owner(self, tag: str) -> str | None:
        """Who holds the lock of a tag."""
        async with self._connection():
            return self.server.get(tag)

    async def acquire(self, tag: str, owner: str, ttl: float) -> str | None:
        """Take the lock if nobody has it: ``None`` when it was taken, else its owner."""
        async with self._connection():
            return self.server.set_if_absent(tag, owner, ttl)

    async def release(self, tag: str, owner: str) -> None:
        """Give the lock back, if it is still the owner's."""
        async with self._connection():
            self.server.delete_if(tag, owner)

    async def publish(self, event: str) -> None:
        """Tell all subscriptions."""
        async with self._connection():
            self.server.publish(event)

    @asynccontextmanager
    async def subscribe(self) -> AsyncIterator[Subscription]:
        """Open a stream of events; its connection is kept until the context ends."""
        self.stream_pool.take()
        subscription = _MemorySubscription(self.server)
        self.server.attach(subscription.queue)
        try:
            yield subscription
        finally:
            self.server.detach(subscription.queue)
            self.stream_pool.give()

    async def aclose(self) -> None:
        """Give up all connections."""
        self.pool.close()
        self.stream_pool.close()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[None]:
        self.pool.take()
        try:
            yield
        finally:
            self.pool.give()
