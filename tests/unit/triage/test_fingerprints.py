"""Every row of the fingerprint tables finds its own example, and no row of one table finds the other's examples."""

import pytest

from zeues_contracts.triage.bug_signs import BUGS
from zeues_contracts.triage.fingerprints import dependency_in
from zeues_contracts.triage.outage_signs import OUTAGES
from zeues_contracts.triage.wording import bug_in, outage_in


@pytest.mark.parametrize("sign", OUTAGES, ids=lambda sign: f"{sign.slug}-{sign.dependency}"[:40])
def test_outage_sign_finds_its_example(sign):
    assert sign.regex.search(sign.example)


@pytest.mark.parametrize("sign", BUGS, ids=lambda sign: sign.slug)
def test_bug_sign_finds_its_example(sign):
    assert sign.regex.search(sign.example)


@pytest.mark.parametrize(
    ("text", "dependency"),
    [
        ("redis.exceptions.ConnectionError: Error 99 connecting", "Redis"),
        ("redis.exceptions.ConnectionError: No connection available.", "Redis"),
        ("No connection available.", "Redis"),
        ("Too many connections", ""),
        ("Communications link failure", "MySQL"),
        ("Unable to acquire JDBC Connection", "database"),
        ("OperationalError: could not connect to server", "PostgreSQL"),
        ("SequelizeConnectionRefusedError", "database"),
        ("SequelizeConnectionAcquireTimeoutError: Operation timeout", "database"),
        ("elasticsearch.ConnectionError", "Elasticsearch"),
        ("elasticsearch.exceptions.ConnectionTimeout", "Elasticsearch"),
        ("MongoNotConnectedError", "MongoDB"),
        ("Task timed out after 3.00 seconds", "AWS Lambda"),
        ("cannot allocate memory", ""),
    ],
)
def test_what_drivers_say_without_an_address(text, dependency):
    sign = outage_in(text, any_text=True)
    assert sign is not None
    assert sign.dependency == dependency
    assert bug_in(text) is None


@pytest.mark.parametrize("sign", OUTAGES, ids=lambda sign: f"{sign.slug}-{sign.dependency}"[:40])
def test_no_outage_text_reads_as_a_bug(sign):
    assert bug_in(sign.example) is None


@pytest.mark.parametrize("sign", BUGS, ids=lambda sign: sign.slug)
def test_no_bug_text_reads_as_an_outage(sign):
    assert outage_in(sign.example, any_text=True) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Error 111 connecting to localhost:6379. Connection refused.", "Redis"),
        ("[Errno 111] Connect call failed ('127.0.0.1', 5432)", "PostgreSQL"),
        ("/api/redis-health", "Redis"),
        ("could not connect to the database", "database"),
        ("nothing to see", ""),
        ("order 16379 not found", ""),
    ],
)
def test_dependency_named(text, name):
    assert dependency_in(text) == name


def test_search_in_a_hostile_text_ends():
    text = "connection to " * 9_000 + "'" * 25_000 + "Can't connect to " * 5_000  # as long as a body that is read
    outage_in(text, any_text=True)
    bug_in(text)
