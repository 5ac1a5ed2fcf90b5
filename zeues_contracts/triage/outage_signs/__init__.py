"""The table of texts that say that something is out. A new one is a row with a real example, in the file of its kind.

Order matters where texts overlap: a product's own words stand before those of the network.
"""

from __future__ import annotations

from zeues_contracts.triage.fingerprints import OutageSign
from zeues_contracts.triage.outage_signs.cloud import CLOUD
from zeues_contracts.triage.outage_signs.machine import MACHINE
from zeues_contracts.triage.outage_signs.named import NAMED
from zeues_contracts.triage.outage_signs.network import NETWORK
from zeues_contracts.triage.outage_signs.pools import POOLS
from zeues_contracts.triage.outage_signs.redis import REDIS
from zeues_contracts.triage.outage_signs.sql import SQL
from zeues_contracts.triage.outage_signs.stores import STORES

__all__ = ["OUTAGES"]

OUTAGES: tuple[OutageSign, ...] = (*REDIS, *SQL, *STORES, *POOLS, *MACHINE, *NETWORK, *CLOUD, *NAMED)
