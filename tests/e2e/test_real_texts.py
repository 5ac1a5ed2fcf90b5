"""Real servers, run into their faults: what their clients then say is told apart from what a bug makes them say.

Redis through redis-py, PostgreSQL through libpq (psql), both of the machine; without them the tests are skipped.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

pytest.importorskip("redis", reason="needs the extra: demo")

import redis

from tests.e2e.test_incident import redis_server
from tests.unit.triage.exchanges import detail
from zeues_contracts.findings import Cause
from zeues_contracts.triage.classify import classify_exchange
from zeues_contracts.triage.model import Confidence

pytestmark = pytest.mark.e2e


def check_outage(text, dependency):
    verdict = classify_exchange(detail(text))
    assert verdict.cause is Cause.OUTAGE, text
    assert verdict.confidence is not Confidence.CANNOT_TELL
    assert verdict.dependency in (dependency, ""), text


def check_bug(text):
    verdict = classify_exchange(detail(text))
    assert verdict.cause is Cause.VIOLATION, text


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


# --- Redis -----------------------------------------------------------------------------------------------------------

needs_redis = pytest.mark.skipif(shutil.which("redis-server") is None, reason="needs a redis-server on PATH")


def failing(act, kind=redis.RedisError):
    with pytest.raises(kind) as error:
        act()
    return str(error.value)


def client(url, **more):
    return redis.Redis.from_url(url, socket_timeout=0.3, socket_connect_timeout=0.3, **more)


@pytest.mark.redis
@needs_redis
def test_redis_out_of_reach():
    port = free_port()
    check_outage(failing(client(f"redis://127.0.0.1:{port}/0").ping), "Redis")
    check_outage(failing(client("redis://no-such-host.invalid/0").ping), "Redis")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        quiet = client(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        check_outage(failing(quiet.ping), "Redis")


@pytest.mark.redis
@needs_redis
def test_redis_in_want_of_something(tmp_path):
    with redis_server(tmp_path, "--maxclients", "3", "--maxmemory", "1mb", "--requirepass", "secret") as url:
        known = url.replace("redis://", "redis://:secret@")
        check_outage(failing(client(url).ping), "Redis")
        check_outage(failing(client(url.replace("redis://", "redis://:wrong@")).ping), "Redis")
        one = client(known)
        check_outage(failing(lambda: [one.set(f"k{n}", "x" * 100_000) for n in range(50)]), "Redis")
        one.flushall()
        held = [client(known) for _ in range(2)]
        for other in held:
            other.ping()
        check_outage(failing(client(known).ping), "Redis")
        held[0].close()
        pool = redis.ConnectionPool.from_url(known, max_connections=1)
        taken = pool.get_connection()
        check_outage(failing(pool.get_connection), "Redis")
        taken.disconnect()


@pytest.mark.redis
@needs_redis
def test_a_replica_whose_master_is_gone(tmp_path):
    arguments = ("--replicaof", "127.0.0.1", str(free_port()), "--replica-serve-stale-data", "no")
    with redis_server(tmp_path, *arguments) as url:
        check_outage(failing(lambda: client(url).get("a")), "Redis")
        client(url).config_set("replica-serve-stale-data", "yes")
        check_outage(failing(lambda: client(url).set("a", 1)), "Redis")


@pytest.mark.redis
@needs_redis
def test_redis_used_wrongly_is_a_bug(tmp_path):
    with redis_server(tmp_path) as url:
        one = client(url)
        one.lpush("a", 1)
        check_bug(failing(lambda: one.incr("a")))
        check_bug(failing(lambda: one.execute_command("FROB")))
        check_bug(failing(lambda: one.evalsha("0" * 40, 0)))
        check_bug(failing(lambda: one.frob, AttributeError))


# --- PostgreSQL ------------------------------------------------------------------------------------------------------


def postgres_folder():
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


needs_postgres = pytest.mark.skipif(
    postgres_folder() is None or shutil.which("psql") is None, reason="needs PostgreSQL's server and psql"
)


class Postgres:
    """A server of our own with room for three clients, one of them the superuser's."""

    def __init__(self, folder):
        self.folder = folder
        self.port = free_port()
        self.bin = postgres_folder()
        # The server refuses to run as root: then the user that its package made runs it.
        self.user = "postgres" if os.getuid() == 0 else None
        if self.user:
            shutil.chown(folder, self.user)
        self.run("initdb", "-D", f"{folder}/data", "-U", "root_user", "-A", "trust", "--no-sync")
        hba = folder / "data" / "pg_hba.conf"
        hba.write_text("host all guarded 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n")

    def run(self, program, *arguments):
        command = [str(self.bin / program), *arguments]
        subprocess.run(command, user=self.user, check=True, capture_output=True, timeout=60, cwd=self.folder)

    def __enter__(self):
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c max_connections=3 -c superuser_reserved_connections=1 "
            f"-c unix_socket_directories={self.folder} -c fsync=off -c max_wal_senders=0"
        )
        self.run("pg_ctl", "-D", f"{self.folder}/data", "-w", "-l", f"{self.folder}/log", "-o", options, "start")
        return self

    def __exit__(self, *_):
        with contextlib.suppress(subprocess.SubprocessError):
            self.run("pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "stop")

    def psql(self, query, user="app", **environment):
        """What psql says on standard error."""
        line = f"host=127.0.0.1 port={self.port} user={user} dbname=postgres connect_timeout=3"
        done = subprocess.run(
            ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", line, "-c", query],
            env={**os.environ, "LC_ALL": "C", **environment}, capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
        return done.stderr.removeprefix("psql: error: ").removeprefix("ERROR:  ").strip()

    @contextlib.contextmanager
    def held(self, user):
        """A connection that is open and idle."""
        line = f"host=127.0.0.1 port={self.port} user={user} dbname=postgres"
        process = subprocess.Popen(["psql", "-X", "-q", line], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        process.stdin.write("select 'in';\n")
        process.stdin.flush()
        assert any("in" in row for row in process.stdout)
        try:
            yield
        finally:
            process.communicate("", timeout=10)


@pytest.fixture(scope="module")
def postgres():
    # Not below pytest's own folder, which nobody but its owner may enter.
    with tempfile.TemporaryDirectory() as folder, Postgres(Path(folder)) as server:
        server.psql("create role app login; create role guarded login password 'secret'", user="root_user")
        server.psql("grant all on schema public to app", user="root_user")
        yield server


@needs_postgres
def test_postgresql_full(postgres):
    with postgres.held("app"), postgres.held("app"):
        text = postgres.psql("select 1")
        assert "slots are reserved" in text
        check_outage(text, "PostgreSQL")
        with postgres.held("root_user"):
            text = postgres.psql("select 1", user="root_user")
            assert "too many clients" in text
            check_outage(text, "PostgreSQL")
    for _ in range(100):  # a session ends a moment after its client
        if not postgres.psql("select 1"):
            break
        time.sleep(0.05)


@needs_postgres
def test_postgresql_in_the_way(postgres):
    check_outage(postgres.psql("select 1", user="guarded", PGPASSWORD="wrong"), "PostgreSQL")
    check_outage(postgres.psql("set statement_timeout = 20; select pg_sleep(5)"), "PostgreSQL")
    check_outage(postgres.psql("select pg_terminate_backend(pg_backend_pid())", user="root_user"), "PostgreSQL")


@needs_postgres
def test_postgresql_used_wrongly_is_a_bug(postgres):
    postgres.psql("create table t (id int primary key, n int not null); insert into t values (1, 1)")
    for query in (
        "insert into t values (1, 2)",
        "insert into t values (2, null)",
        "select zz from t",
        "select * from nowhere",
        "selec",
        "select 'a'::int",
    ):
        check_bug(postgres.psql(query))


@needs_postgres
def test_postgresql_gone(tmp_path):
    port = free_port()
    line = f"host=127.0.0.1 port={port} user=app dbname=postgres connect_timeout=3"
    done = subprocess.run(["psql", line, "-c", "select 1"], capture_output=True, text=True, timeout=30, check=False)
    check_outage(done.stderr, "PostgreSQL")
    here = subprocess.run(
        ["psql", f"host={tmp_path} user=app"], capture_output=True, text=True, timeout=30, check=False
    )
    check_outage(here.stderr, "PostgreSQL")
