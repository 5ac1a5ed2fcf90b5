"""The pools that run out, in memory: the same limits and words as redis-py and Redis."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from zeues_contracts.standin.locks import LockServerError, MemoryLocks, MemoryPool, MemoryServer


def locks(size: int = 2, *, streams: int | None = None, maxclients: int = 100) -> MemoryLocks:
    server = MemoryServer(maxclients)
    pool = MemoryPool(server, size)
    return MemoryLocks(server, pool, pool if streams is None else MemoryPool(server, streams))


def run(coroutine: Any) -> Any:
    return asyncio.run(coroutine)


def test_a_lock_has_one_owner_until_it_is_released() -> None:
    async def scene() -> None:
        held = locks()
        assert await held.acquire("A", "93", 60) is None
        assert await held.acquire("A", "94", 60) == "93"
        await held.release("A", "94")
        assert await held.owner("A") == "93"
        await held.release("A", "93")
        assert await held.owner("A") is None

    run(scene())


def test_a_lock_runs_out() -> None:
    async def scene() -> None:
        held = locks()
        await held.acquire("A", "93", 0.0)
        assert await held.owner("A") is None
        assert await held.acquire("A", "94", 60) is None

    run(scene())


def test_each_open_stream_keeps_a_connection_and_the_last_one_starves_the_locks() -> None:
    async def scene() -> None:
        held = locks(2)
        async with held.subscribe():
            await held.ping()
            async with held.subscribe():
                with pytest.raises(LockServerError, match=r"^Too many connections$") as error:
                    await held.owner("A")
                assert error.value.reached
                with pytest.raises(LockServerError, match="Too many connections"):
                    async with held.subscribe():
                        pass
            await held.ping()
        assert held.pool.in_use == 0

    run(scene())


def test_streams_with_a_pool_of_their_own_leave_the_locks_alone() -> None:
    async def scene() -> None:
        held = locks(1, streams=1)
        async with held.subscribe():
            await held.ping()

    run(scene())


def test_a_server_at_its_maxclients_says_so() -> None:
    async def scene() -> None:
        held = locks(10, maxclients=1)
        async with held.subscribe():
            with pytest.raises(LockServerError, match=r"^max number of clients reached$"):
                await held.ping()
        await held.ping()  # the connection of the stream is idle now, and is taken again

    run(scene())


def test_a_server_that_is_gone_is_not_reached() -> None:
    async def scene() -> None:
        held = locks()
        held.server.up = False
        with pytest.raises(LockServerError, match="Connection refused") as error:
            await held.ping()
        assert not error.value.reached

    run(scene())


def test_a_subscription_hears_what_is_published_and_ends_with_the_server() -> None:
    async def scene() -> None:
        held = locks(3)
        async with held.subscribe() as one, held.subscribe() as other:
            await held.publish("x")
            assert [await one.next(1), await other.next(1)] == ["x", "x"]
            assert await one.next(0.001) is None
            held.server.up = False
            with pytest.raises(LockServerError):
                await one.next(0.001)

    run(scene())


def test_a_failing_command_gives_its_connection_back() -> None:
    async def scene() -> None:
        held = locks(1)
        held.server.up = False
        with pytest.raises(LockServerError):
            await held.ping()
        held.server.up = True
        await held.ping()
        assert held.pool.in_use == 0

    run(scene())
