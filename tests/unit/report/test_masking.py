"""A secret that the process was told is in no report, wherever a finding holds it."""

from __future__ import annotations

import base64
import json
import re

import pytest

from zeues_contracts.exchange import Exchange, Request, Response
from zeues_contracts.findings import (
    Cause,
    Evidence,
    Finding,
    Forecast,
    Layer,
    Level,
    Place,
    Report,
    Stage,
    StageStatus,
    Witness,
)
from zeues_contracts.http import collect_headers
from zeues_contracts.live.curl import clean, curl
from zeues_contracts.report import FORMATS, RenderOptions, render, report_to_json
from zeues_contracts.report.masking import masked

PLANTED = 'pl4nt"ed<&>/value'


def _report() -> Report:
    request = Request(
        "POST", f"http://h/a?q={PLANTED}", (("x-auth", PLANTED), ("x-tenant-proof", "abc")), PLANTED.encode()
    )
    exchange = Exchange(
        request,
        Response(500, (("x-echo", PLANTED),), json.dumps({"echo": [PLANTED], "n": 918273645}).encode()),
        error_text=f"said {PLANTED}",
    )
    evidence = Evidence(
        Witness({PLANTED: PLANTED}), f"because {PLANTED}", exchange, f"curl {PLANTED}", [PLANTED], PLANTED, (PLANTED,)
    )
    finding = Finding(
        "ZC401", Level.ERROR, Cause.VIOLATION, f"it says {PLANTED}", "shop", ("POST /a",), f"at {PLANTED}",
        Place(f"{PLANTED}.json", "/a", 1, 1), (Place("b.json", f"/{PLANTED}"),), evidence, hint=f"mend {PLANTED}",
    )  # fmt: skip
    return Report(
        (finding,),
        (Stage("fuzz", StageStatus.BLOCKED, "shop", f"reason {PLANTED}"),),
        (finding.with_(subject="other"),),
        (Forecast("c", f"test {PLANTED}", False, (Layer(Cause.OUTAGE, PLANTED),), PLANTED),),
        f"cannot {PLANTED}",
        f"title {PLANTED}",
        {"shop": f"http://{PLANTED}"},
        (f"note {PLANTED}",),
    )


@pytest.mark.parametrize("origin", ["configuration", "flag", "environment"])
@pytest.mark.parametrize("format_", FORMATS)
def test_what_is_configured_is_printed_by_no_format(format_: str, origin: str) -> None:
    given = {"X-Tenant-Proof": PLANTED}
    options = RenderOptions(verbose=True, width=400)
    assert re.search("pl4nt|cGw0bnQ", render(_report(), format_, options=options))  # it would be there
    collect_headers(
        given if origin == "configuration" else {},
        [f"{name}: {value}" for name, value in given.items()] if origin == "flag" else (),
        {"ZEUES_CONTRACTS_HEADER_X_TENANT_PROOF": PLANTED} if origin == "environment" else {},
    )
    text = render(_report(), format_, options=options)
    assert "pl4nt" not in text
    assert "cGw0bnQ" not in text


def test_short_values_go_by_their_names_and_numbers_by_their_digits() -> None:
    collect_headers({"X-Tenant-Proof": "abc", "X-Number": "918273645"}, (), {})
    text = json.dumps(report_to_json(_report()))
    assert '["x-tenant-proof", "***"]' in text
    assert "918273645" not in text


def test_bodies_that_are_no_text() -> None:
    collect_headers({"X-Tenant-Proof": "Bearer planted-value"}, (), {})
    body = b"\xff\x00planted-value\xfe"
    finding = (
        _report()
        .findings[0]
        .with_(evidence=Evidence(exchange=Exchange(Request("PUT", "http://h/", (), body), Response(200, (), body))))
    )
    text = json.dumps(report_to_json(Report((finding,))))
    assert base64.b64encode(b"\xff\x00***\xfe").decode() in text


def test_what_is_no_secret_stays() -> None:
    assert masked(_report()) == _report()
    collect_headers({"Accept": "application/json", "X-Env": "prod", "X-Area": "something else"}, (), {})
    assert masked(_report()) == _report()


def test_exchanges_and_curl_lines_of_configured_headers() -> None:
    collect_headers({"X-Tenant-Proof": PLANTED}, (), {})
    exchange = _report().findings[0].evidence.exchange
    assert exchange is not None
    assert "pl4nt" not in str(clean(exchange))
    line = curl(
        Request("GET", f"http://h/{PLANTED}", (("x-tenant-proof", PLANTED), ("x-other", PLANTED)), PLANTED.encode())
    )
    assert "pl4nt" not in line
    assert '-H "x-tenant-proof: ${X_TENANT_PROOF}"' in line


def test_a_short_value_goes_from_what_was_sent_and_shown_and_from_no_sentence() -> None:
    collect_headers({"X-Proof": "h1nt"})
    exchange = Exchange(Request("GET", "http://h/a", (("x-echo", "h1nt"),)), Response(200, (("x-echo", "h1nt"),), b""))
    evidence = Evidence(Witness({"a": ["h1nt", "h1nts"]}), "h1nt", exchange, before="h1nt", after={"b": "h1nt"})
    finding = Finding(
        "ZC401", Level.ERROR, Cause.VIOLATION, "it says h1nt", "shop", ("GET /a",), "h1nt", evidence=evidence
    )
    (one,) = masked(Report((finding,))).findings
    assert one.evidence.witness == Witness({"a": ["***", "h1nts"]})
    assert (one.evidence.before, one.evidence.after) == ("***", {"b": "***"})
    assert one.evidence.exchange is not None
    assert one.evidence.exchange.request.headers == (("x-echo", "***"),)
    assert one.evidence.exchange.response is not None
    assert one.evidence.exchange.response.headers == (("x-echo", "***"),)
    assert (one.message, one.subject) == (finding.message, finding.subject)
    assert one.fingerprint == finding.fingerprint
