"""The texts by which outages and bugs give themselves away: what a row of the tables is, and the names of dependencies.

Rows were written after what the servers and their Python drivers say (redis-server 7.0, PostgreSQL 15 with psycopg,
psycopg2 and asyncpg, MariaDB 10.11 with PyMySQL, SQLAlchemy 2, PyMongo 4 and HTTP clients were run into each of these
faults); the others follow the servers' own message catalogues. The examples are run as tests.

Patterns are searched without regard to case in texts of bounded size, and hold no nested repetition, so that a hostile
body cannot make a search slow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["DEPENDENCY_NAMES", "BugSign", "OutageSign", "dependency_in"]


@dataclass(frozen=True, slots=True)
class OutageSign:
    """A text that says that something is out.

    ``dependency`` is what is out; empty when the text does not tell, then names and ports near it are asked.
    ``specific`` texts are said by a driver or server alone, so they count in any response but a success; others count
    in a 5xx only, where nobody quotes what a user wrote.
    """

    slug: str
    dependency: str
    patterns: tuple[str, ...]
    example: str
    specific: bool = True

    @property
    def regex(self) -> re.Pattern[str]:
        """Its patterns as one, compiled."""
        return _compiled("|".join(self.patterns))


@dataclass(frozen=True, slots=True)
class BugSign:
    """A text by which a programming error of the service gives itself away."""

    slug: str
    patterns: tuple[str, ...]
    example: str

    @property
    def regex(self) -> re.Pattern[str]:
        """Its patterns as one, compiled."""
        return _compiled("|".join(self.patterns))


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


# Name -> how it is spelled in texts, paths and host names. The first that matches wins: products before kinds.
DEPENDENCY_NAMES: tuple[tuple[str, str], ...] = (
    ("Redis", r"redis|valkey|\b(?:6379|26379)\b"),
    ("Memcached", r"memcache|\b11211\b"),
    ("PostgreSQL", r"postgres|psycopg|asyncpg|pgbouncer|\bpg\b|\bPGSQL\b|\b5432\b"),
    ("MySQL", r"mysql|mariadb|\b3306\b"),
    ("Oracle", r"\boracle\b|\bORA-\d|\b1521\b"),
    ("SQL Server", r"\bsql ?server\b|\bmssql\b|\b1433\b"),
    ("MongoDB", r"mongo|\b27017\b"),
    ("Elasticsearch", r"elastic(?:search)?\b|opensearch|\b9200\b"),
    ("Cassandra", r"cassandra|scylla|\b9042\b"),
    ("RabbitMQ", r"rabbit|amqp|\bpika\b|\b5672\b"),
    ("Kafka", r"kafka|\b9092\b"),
    ("NATS", r"\bnats\b|\b4222\b"),
    ("Celery", r"\bcelery\b"),
    ("Google Sheets", r"\bsheets\b|gspread|sheets\.googleapis"),
    ("S3", r"\bs3\b|minio"),
    ("Consul", r"\bconsul\b"),
    ("etcd", r"\betcd\b"),
    ("ZooKeeper", r"zookeeper"),
    ("LDAP", r"\bldap"),
    ("SMTP", r"\bsmtp"),
    ("Vault", r"\bvault\b"),
    ("Keycloak", r"keycloak"),
    ("disk", r"\bdisk[-_ ]?space\b|^disk$"),
    ("database", r"\bdatabase\b|\bdb\b|\bsql\b"),
    ("message broker", r"\bbroker\b|message queue"),
    ("cache", r"\bcache\b"),
)


def dependency_in(text: str) -> str:
    """The dependency that a text names (product, well-known port or kind), or an empty string."""
    for name, pattern in DEPENDENCY_NAMES:
        if _compiled(pattern).search(text):
            return name
    return ""
