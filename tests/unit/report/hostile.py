"""A report in which every text is one hostile text, and the texts that services have been known to send."""

from __future__ import annotations

import json

from zeues_contracts.exchange import Exchange, Request, Response
from zeues_contracts.findings import (
    Cause,
    Evidence,
    Finding,
    Forecast,
    Hit,
    Layer,
    Level,
    Place,
    Report,
    Stage,
    StageStatus,
    Witness,
)
from zeues_contracts.report import RenderOptions, TrendPoint

TEXTS = {
    "terminal": "a\x1b[31mred\x1b[0m\x1b]8;;http://evil.example\x07link\x1b]8;;\x07\x9b2J\rover\x08\x7f",
    "workflow": "a\n::error file=x,line=1::boo\r\n  ::set-output name=x::y"
    "\n##[error]boo\n##vso[task.complete]\n::stop-commands::t",
    "workflow-bare": "::error::boo",
    "html": "</pre></code></td></details></script><script>alert(1)</script>"
    "<img src=x onerror=alert(1)>\"'><svg/onload=a()>",
    "html-comment": "--> <!-- --!> <![CDATA[ x ]]> &lt;b&gt; &#x3c;",
    "style": "</style><style>body{display:none}</style><meta http-equiv=refresh content=0>",
    "markdown": "| a | b |\n|---|---|\n\n# big\n\n> q\n- [ ] do"
    "\n![i](http://evil.example/x.png) [l](javascript:alert(1)) **b** _i_ ~~s~~",
    "markdown-lines": "---\n===\n***\n1. one\n    code\n\n```sh\nrm\n```\n\\\n[x]: http://evil.example\n$$x$$ $`a`$",
    "mention": "@octocat #1 GH-1 octo/repo#2 http://evil.example www.evil.example a@evil.example "
    "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef",
    "backticks": "``` `` ` a ` b `",
    "backticks-alone": "``",
    "hashes": "###[error] ####[a :::: x",
    "xml": "]]></system-out><testcase name='x'/><!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>&y;\x0b\ufffe\uffff",
    "rtl": "\u202eevil\u202c \u2066iso \u05d0\u05d1\u05d2 \u0627\u0644 \u200f\u061c\u200b\u2060\ufeff",
    "nul": "a\x00b\x00",
    "surrogate": "a\ud800b\udfff",
    "tags": "a\U000e0041\U000e0042\U0001f468\u200d\U0001f469",
    "zalgo": "a" + "\u0301\u0322\u0336" * 200,
    "template": "{{ 7*7 }} {% for x in y %} ${{ secrets.TOKEN }} %s %(a)s {0} \\u0041 \\x1b",
    "percent": "%0A::error::x %0D%0A%25 a,b:c=d;",
    "json": '", "injected": true, "x": "\\',
    "long": "x" * 200_000,
    "long-words": "ab " * 60_000,
    "long-lines": "y\n" * 80_000,
    "wide": "\u6f22\u5b57" * 200,
    "blank": " \t\n ",
}


def poisoned(text: str) -> Report:
    """A report whose texts are all the one given; what it holds is the same for every text but the empty one."""
    place = Place(text, text, 3, 4, text)
    evidence = Evidence(
        witness=Witness({text: [text, {"k": text}]}, text),
        explanation=text,
        exchange=Exchange(
            Request(text, text, ((text, text), ("content-type", "application/json")), _json(text)),
            Response(500, ((text, text), ("content-type", "application/json")), _json(text), 0.5),
        ),
        replay=text,
        before={"type": text},
        after={"type": text, "enum": [text]},
        details=(text, text),
    )
    finding = Finding(
        rule=text,
        level=Level.ERROR,
        cause=Cause.VIOLATION,
        message=text,
        service=text,
        operations=(text,),
        subject="one",
        place=place,
        related=(place,),
        evidence=evidence,
        hits=(Hit(text, text, place),),
        hint=text,
        state=text,
        confidence=text,
    )
    return Report(
        findings=(
            finding,
            finding.with_(
                subject="two", level=Level.WARNING, cause=Cause.DRIFT, operations=(text, f"{text}2"), group=text
            ),
            finding.with_(subject="three", level=Level.WARNING, cause=Cause.DRIFT, operations=(), hits=(), group=text),
            finding.with_(subject="four", level=Level.ERROR, cause=Cause.MISMATCH),
            finding.with_(
                subject="five",
                level=Level.INFO,
                cause=Cause.OUTAGE,
                evidence=Evidence(exchange=Exchange(Request(text, text), None, text, text)),
            ),
        ),
        stages=(
            Stage("drift", StageStatus.RAN, text, text, 0.1, {text: 1}, (text, f"{text}2")),
            Stage(text, StageStatus.BLOCKED, text, text),
            Stage(text, StageStatus.SKIPPED, f"{text}b", text),
        ),
        waived=(finding.with_(subject="six", operations=(f"{text}3",)),),
        forecast=(
            Forecast(text, text, False, (Layer(Cause.OUTAGE, f"{text} is out: x", text), Layer(None, text))),
            Forecast(text, text, True, (), text),
        ),
        cannot_judge=text,
        title=text,
        sources={text: text},
        notes=(text,),
    )


def options(text: str, *, color: bool = False) -> RenderOptions:
    """Options with the text where options hold text."""
    return RenderOptions(
        color=color, verbose=True, marker=text, trend=(TrendPoint(text, text, {"error": 1, text: 2}, text),)
    )


def _json(text: str) -> bytes:
    return json.dumps({"k": text}).encode("utf-8", "surrogatepass")
