"""What the test of an exchange expects of its answer: statuses, headers, body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from zeues_contracts.consumers.merging import join
from zeues_contracts.consumers.model import Expectation, Payload
from zeues_contracts.consumers.recording.bodies import body_expectation
from zeues_contracts.consumers.recording.conditions import canonical
from zeues_contracts.consumers.recording.headers import header_expectations
from zeues_contracts.consumers.recording.spool import Recorded
from zeues_contracts.consumers.recording.statuses import accepted_statuses, status_words

__all__ = ["expectation_of", "joined"]


def expectation_of(one: Recorded, *, strict: bool = False, passed: bool | None = None) -> Expectation:
    """What the test of an exchange expects of its answer.

    A ``strict`` one expects the very values that the test compares with, as the test does in this run; a contract
    expects their types. ``passed`` is what a runner said of the test.
    """
    observed = one.exchange.status
    accepted = accepted_statuses(one.status_reads)
    statuses = status_words(accepted)
    if passed and observed is not None and observed not in accepted:
        # Something around the comparison wants it to fail: pytest.raises, a retry. An outage may please it as well.
        return Expectation() if strict or observed >= 500 else Expectation((str(observed),))
    body: Payload | None = None
    headers: Mapping[str, Payload] = {}
    response = one.exchange.response
    # What is read of an answer that the test does not want is read to be shown.
    if response is not None and observed in accepted and not (response.status >= 400 and not statuses):
        reads = one.body_reads
        if passed:  # a use that needs something else was taken, whatever its code looks like
            reads = tuple(replace(each, found=None) if each.kind == "iter" else each for each in reads)
            reads = tuple(each for each in reads if each.kind != "wants")
        schema = body_expectation(reads, response.body, loose=not strict)
        if schema is not None:
            body = Payload(canonical(schema) if strict else schema)
        told = header_expectations(one.header_reads, response)
        headers = {name: Payload(inner if strict else {}) for name, inner in told.items()}
        if not statuses and (one.body_reads or one.status_reads or headers):
            statuses = (str(observed),)
    return Expectation(statuses, headers, body)


def joined(old: Expectation, new: Expectation) -> Expectation:
    """What two equal requests of a test expect."""
    if new == old:
        return old
    body = old.body or new.body
    if old.body is not None and new.body is not None:
        body = Payload(canonical(join(old.body.schema, new.body.schema)))
    statuses = old.statuses or new.statuses
    statuses = (*statuses, *(one for one in new.statuses if one not in statuses))
    return replace(old, statuses=statuses, headers={**new.headers, **old.headers}, body=body)
