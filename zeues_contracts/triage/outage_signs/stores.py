"""Document stores, search, caches and brokers."""

from __future__ import annotations

from zeues_contracts.triage.fingerprints import OutageSign

__all__ = ["STORES"]

STORES: tuple[OutageSign, ...] = (
    OutageSign(
        "no-server",
        "MongoDB",
        (
            r"ServerSelectionTimeoutError",
            r"No replica set members (?:found yet|match selector)",
            r"No servers? (?:found yet|available for|match)",
            r"Topology Description: <TopologyDescription",
        ),
        "ServerSelectionTimeoutError: localhost:27017: [Errno 111] Connection refused",
    ),
    OutageSign(
        "no-primary",
        "MongoDB",
        (
            r"\bNotPrimaryError\b",
            r"not primary and secondaryOk=false",
            r"\bnot master\b",
            r"NotWritablePrimary",
            r"node is recovering",
        ),
        "NotPrimaryError: not primary and secondaryOk=false",
    ),
    OutageSign(
        "pool-exhausted",
        "MongoDB",
        (
            r"Timed out while checking out a connection from connection pool",
            r"WaitQueueTimeoutError",
        ),
        "Timed out while checking out a connection from connection pool. maxPoolSize: 100",
    ),
    OutageSign(
        "connection-lost",
        "MongoDB",
        (
            r"\bAutoReconnect\b",
            r"MongoNetworkError",
            r"MongoNotConnectedError",
            r"MongoTopologyClosedError",
            r"MongoServerSelectionError",
        ),
        "pymongo.errors.AutoReconnect: connection closed",
    ),
    OutageSign(
        "refused",
        "RabbitMQ",
        (
            r"\bAMQP(?:Connector)?(?:Connection|ConnectorException|SocketException)?(?:Connection)?Error\b",
            r"AMQPConnectorSocketConnectError",
            r"AMQPConnectionWorkflowFailed",
        ),
        "pika.exceptions.AMQPConnectionError",
    ),
    OutageSign(
        "connection-lost",
        "RabbitMQ",
        (
            r"\bStreamLostError\b",
            r"\bConnectionClosedByBroker\b",
            r"CONNECTION_FORCED",
            r"ChannelClosedByBroker",
        ),
        "(320, \"CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'\")",
    ),
    OutageSign(
        "resource-alarm",
        "RabbitMQ",
        (
            r"ConnectionBlockedTimeout",
            r"connection\.blocked",
            r"low on (?:memory|disk)$",
            r"node \S{1,80} [^\n]{0,120}is down or inaccessible",
            r"no process or queue leader",
        ),
        "home node 'rabbit@a' of durable queue 'q' in vhost '/' is down or inaccessible",
    ),
    OutageSign(
        "no-brokers",
        "Kafka",
        (
            r"\bNoBrokersAvailable\b",
            r"NoBrokersAvailableError",
            r"all broker connections are down",
            r"\bbrokers? (?:are )?down\b",
        ),
        "kafka.errors.NoBrokersAvailable: NoBrokersAvailable",
    ),
    OutageSign(
        "metadata",
        "Kafka",
        (
            r"KafkaTimeoutError",
            r"Failed to update metadata after",
            r"_ALL_BROKERS_DOWN",
            r"\b_TRANSPORT\b",
            r"LEADER_NOT_AVAILABLE",
            r"NOT_ENOUGH_REPLICAS",
            r"KafkaConnectionError",
            r"Local: Message timed out",
        ),
        "KafkaTimeoutError: Failed to update metadata after 60.0 secs.",
    ),
    OutageSign(
        "no-servers",
        "NATS",
        (
            r"nats: no (?:servers available|responders available)",
            r"NoServersError",
        ),
        "nats: no servers available for connection",
    ),
    OutageSign(
        "no-master",
        "Elasticsearch",
        (
            r"master_not_discovered_exception",
            r"ClusterBlockException",
            r"cluster_block_exception",
        ),
        '{"type":"master_not_discovered_exception"}',
    ),
    OutageSign(
        "rejected",
        "Elasticsearch",
        (
            r"es_rejected_execution_exception",
            r"circuit_breaking_exception",
            r"no_shard_available_action_exception",
            r"all shards failed",
        ),
        "TransportError(429, 'es_rejected_execution_exception')",
    ),
    OutageSign(
        "refused",
        "Elasticsearch",
        (
            r"elastic_transport\.\w*(?:ConnectionError|Timeout)",
            r"\b(?:elasticsearch|opensearchpy)(?:\.exceptions)?\.Connection(?:Error|Timeout)\b",
            r"NoLivingConnectionsError",
            r"No alive nodes found in your cluster",
            r"No Living connections",
        ),
        "No alive nodes found in your cluster",
    ),
    OutageSign(
        "no-host",
        "Cassandra",
        (
            r"\bNoHostAvailable\b",
            r"Unable to connect to any servers",
        ),
        "NoHostAvailable: ('Unable to connect to any servers', {})",
    ),
    OutageSign(
        "not-enough-replicas",
        "Cassandra",
        (r"Cannot achieve consistency level \w+",),
        "Unavailable: Cannot achieve consistency level QUORUM",
    ),
    OutageSign(
        "no-servers",
        "Memcached",
        (
            r"All servers seem to be down right now",
            r"SERVER_ERROR out of memory storing object",
        ),
        "All servers seem to be down right now",
    ),
)
