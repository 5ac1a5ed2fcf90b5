"""What the parts of the walk share: the documents, the judge, and the operation that is being compared."""

from __future__ import annotations

from typing import Any

import msgspec

from zeues_contracts.drift.collect import Collector
from zeues_contracts.drift.labels import owner_of
from zeues_contracts.drift.model import Sense, Use
from zeues_contracts.drift.pair import Pair
from zeues_contracts.drift.schemas import SchemaJudge
from zeues_contracts.findings import Level
from zeues_contracts.schema.types import Direction

__all__ = ["Side", "Walk"]


class Walk(msgspec.Struct, frozen=True):
    """One comparison of two documents."""

    pair: Pair
    collector: Collector
    schemas: SchemaJudge


class Side(msgspec.Struct, frozen=True):
    """The operation that is being compared, as findings name it, and from whose side it is seen.

    ``flipped``: the service sends the requests and takes the responses, as in callbacks and webhooks. ``prefix`` stands
    before the labels of places (``callback onEvent, ``).
    """

    walk: Walk
    name: str
    flipped: bool = False
    prefix: str = ""

    @property
    def requests(self) -> Use:
        """How its requests are used."""
        sense = Sense.TAKES
        return Use(Direction.REQUEST, sense.flipped if self.flipped else sense)

    @property
    def responses(self) -> Use:
        """How its responses are used."""
        sense = Sense.GIVES
        return Use(Direction.RESPONSE, sense.flipped if self.flipped else sense)

    def say(
        self,
        name: str,
        label: str,
        sentence: str,
        *,
        old: str = "",
        new: str = "",
        level: Level | None = None,
        **more: Any,
    ) -> None:
        """Note a change of a place: ``label`` names it within the operation."""
        owner = owner_of(new or old)
        shared = owner is not None and owner.kind != "file"
        where = f"{self.prefix}{label}"
        subject = f"{owner.label}: {label}" if owner is not None and owner.kind == "path" else where
        if owner is not None and owner.kind not in ("path", "file"):
            subject = f"{owner.label}: {label}"
        self.walk.collector.add(
            name,
            subject,
            f"{where.rstrip(', ')}: {sentence}" if where else sentence,
            (self.name,),
            shared=shared,
            level=level,
            old=old,
            new=new,
            **more,
        )
