"""A report with something of everything, as a run against the service of the incident would give."""

from __future__ import annotations

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
    in_report_order,
)
from zeues_contracts.report import TrendPoint

SUITE = "contracts/e2e-suite.yaml"
BASE = "http://127.0.0.1:8000"

MISSING = Finding(
    rule="ZC301",
    level=Level.ERROR,
    cause=Cause.MISMATCH,
    message="The request lacks `fecha_operacion`, which the document requires.",
    service="zeues",
    operations=("POST /api/occupation/completar",),
    subject="request/body/fecha_operacion",
    place=Place(SUITE, "/interactions/3/request/body", 31, 7, "contract"),
    related=(Place("snapshots/zeues.json", "/components/schemas/CompletarRequest/required", 220, 9, "snapshot"),),
    evidence=Evidence(
        witness=Witness({"tag_spool": "MK-1335-CW-25238-011", "worker_id": 93, "worker_nombre": "MR(93)"}),
        explanation="`fecha_operacion` is required, and the body that is sent does not hold it.",
        replay=f"curl -sS -X POST {BASE}/api/occupation/completar -H 'content-type: application/json' -d '{{}}'",
    ),
    hits=(
        Hit("e2e-suite", "arm-completar", Place(SUITE, "/interactions/3", 28, 3, "contract")),
        Hit("e2e-suite", "sold-completar", Place(SUITE, "/interactions/7", 61, 3, "contract")),
        Hit("floor-dashboard", "close-shift"),
    ),
    hint="send `fecha_operacion`, a date such as 2026-02-02",
    state="required",
)

OUTAGE = Finding(
    rule="ZC502",
    level=Level.ERROR,
    cause=Cause.OUTAGE,
    message="Redis is out: “Too many connections”",
    service="zeues",
    operations=("POST /api/occupation/tomar", "POST /api/occupation/pausar"),
    subject="Redis",
    evidence=Evidence(
        exchange=Exchange(
            Request(
                "POST",
                f"{BASE}/api/occupation/tomar?api_key=k-123456",
                (("content-type", "application/json"), ("authorization", "Bearer very-secret-token-1234")),
                b'{"tag_spool": "X", "worker_id": 93}',
            ),
            Response(
                500,
                (("content-type", "application/json"),),
                b'{"detail": "Internal server error: Too many connections"}',
                0.012,
            ),
            at=1770000000.0,
        ),
        details=("/api/redis-health says: not responding", "/api/health goes on saying “healthy”"),
    ),
    hint="bring Redis back, then run the check again",
    confidence="certain",
)

SHARED = Finding(
    rule="ZC204",
    level=Level.WARNING,
    cause=Cause.DRIFT,
    message="`Worker.roles` may be null now.",
    service="zeues",
    operations=tuple(f"GET /api/things/{number}" for number in range(200)),
    subject="components/schemas/Worker/roles",
    place=Place(f"{BASE}/openapi.json", "/components/schemas/Worker/properties/roles", 812, None, "live"),
    related=(Place("snapshots/zeues.json", "/components/schemas/Worker/properties/roles", 790, 11, "snapshot"),),
    evidence=Evidence(
        witness=Witness({"id": 1, "roles": None}, "/roles"),
        before={"type": "array", "items": {"type": "string"}},
        after={"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "null"}]},
    ),
    confidence="certain",
)

VIOLATION = Finding(
    rule="ZC401",
    level=Level.ERROR,
    cause=Cause.VIOLATION,
    message="500 is not documented, and a bug gave it: 'CompletarRequest' object has no attribute 'operacion'",
    service="zeues",
    operations=("POST /api/occupation/completar",),
    subject="500",
    evidence=Evidence(replay="curl -sS http://127.0.0.1:8000/api/occupation/completar"),
    confidence="likely",
)

NOTE = Finding(
    rule="ZC299",
    level=Level.INFO,
    cause=Cause.DRIFT,
    message="The description changed.",
    service="zeues",
    operations=("GET /api/workers",),
    subject="description",
    place=Place("snapshots/zeues.json", "/paths/~1api~1workers/get/description", 12, None, "snapshot"),
)

WAIVED = Finding(
    rule="ZC205",
    level=Level.WARNING,
    cause=Cause.DRIFT,
    message="The enumeration of `operacion` grew by `PINTURA`.",
    service="zeues",
    operations=("GET /api/history/{tag_spool}",),
    subject="operacion",
    place=Place("snapshots/zeues.json", "/components/schemas/OccupationSession", 401, None, "snapshot"),
)

FRAMEWORK = tuple(
    Finding(
        rule="ZC298",
        level=Level.INFO,
        cause=Cause.DRIFT,
        message=f"`ValidationError.{name}` is new.",
        service="zeues",
        subject=f"ValidationError/{name}",
        group="framework upgrade: FastAPI 0.110 to 0.121",
    )
    for name in ("ctx", "input", "url")
)

REPORT = Report(
    findings=in_report_order((MISSING, OUTAGE, SHARED, VIOLATION, NOTE, *FRAMEWORK)),
    stages=(
        Stage("health", StageStatus.RAN, "zeues", seconds=0.1, counts={"probes": 3}),
        Stage("drift", StageStatus.RAN, "zeues", seconds=0.2, counts={"operations": 31}),
        Stage("replay", StageStatus.RAN, "zeues", seconds=1.5, counts={"interactions": 8}),
        Stage("fuzz", StageStatus.BLOCKED, "zeues", "Redis is out: what fails says nothing about the contract"),
    ),
    waived=(WAIVED,),
    forecast=(
        Forecast(
            "e2e-suite",
            "test_1_flujo_completo_arm",
            False,
            (
                Layer(Cause.OUTAGE, "Redis is out: Too many connections", OUTAGE.fingerprint),
                Layer(Cause.MISMATCH, MISSING.message, MISSING.fingerprint),
                Layer(Cause.VIOLATION, "500 is not documented", VIOLATION.fingerprint),
            ),
        ),
        Forecast("e2e-suite", "test_3_pausar", True, (), "it takes any status, and the 500 was an outage"),
        Forecast("e2e-suite", "test_4_spool_desconocido", True),
        Forecast("e2e-suite", "test_5_historia", None, (Layer(None, "nothing was seen of it"),)),
    ),
    title="check zeues",
    sources={"zeues": f"{BASE}/openapi.json"},
    notes=("the document holds 2 places that are not clean; see --format json",),
)

EMPTY = Report(
    stages=(Stage("drift", StageStatus.RAN, "zeues", counts={"operations": 31}),),
    title="check zeues",
    sources={"zeues": f"{BASE}/openapi.json"},
)

DOWN = Report(
    stages=(
        Stage("health", StageStatus.RAN, "zeues"),
        Stage("drift", StageStatus.BLOCKED, "zeues", "no document"),
    ),
    cannot_judge=f"{BASE}/docs: connection refused; nothing listens there",
    title="check zeues",
)

TREND = (
    TrendPoint("2026-01-10T09:00:00Z", "first snapshot", {}, "zeues"),
    TrendPoint("2026-01-17T09:00:00Z", "history is paged", {"error": 2, "warning": 5, "info": 1}, "zeues"),
    TrendPoint(
        "2026-02-02T18:00:00Z", "operacion and resultado declared", {"error": 1, "warning": 1, "info": 9}, "zeues"
    ),
)
