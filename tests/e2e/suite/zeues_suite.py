"""End-to-end tests of the ZEUES backend, as they were on 2026-02-02: a plain script, run by hand before a release.

    python zeues_suite.py [BASE_URL]      (or ZEUES_URL in the environment)

Failures are printed, never raised; the last line counts what passed.
"""

import os
import sys

import requests

BASE_URL = "http://127.0.0.1:8000"
TIMEOUT = 15

SPOOL = "TEST-01"
SPOOL_PAUSAR = "TEST-03"
SPOOL_SOLD = "SOLD-01"
SPOOL_METRO = "METRO-01"

ARMADOR = {"worker_id": 93, "worker_nombre": "MR(93)"}
OTRO = {"worker_id": 94, "worker_nombre": "JP(94)"}
SOLDADOR = {"worker_id": 95, "worker_nombre": "CP(95)"}
INSPECTOR = {"worker_id": 96, "worker_nombre": "MG(96)"}


def post(path, **body):
    return requests.post(BASE_URL + path, json=body, timeout=TIMEOUT)


def get(path, **query):
    return requests.get(BASE_URL + path, params=query, timeout=TIMEOUT)


def failed(step, response):
    print(f"   FAIL {step}: {response.status_code} {response.text[:200]}")
    return False


def passed(text="ok"):
    print(f"   PASS {text}")
    return True


def test_1_flujo_arm():
    """TOMAR, PAUSAR, TOMAR, COMPLETAR."""
    r = post("/api/occupation/tomar", tag_spool=SPOOL, operacion="ARM", **ARMADOR)
    if r.status_code != 200:
        return failed("tomar", r)
    r = post("/api/occupation/pausar", tag_spool=SPOOL, operacion="ARM", **ARMADOR)
    if r.status_code != 200:
        return failed("pausar", r)
    r = post("/api/occupation/tomar", tag_spool=SPOOL, operacion="ARM", **ARMADOR)
    if r.status_code != 200:
        return failed("tomar again", r)
    r = post("/api/occupation/completar", tag_spool=SPOOL, operacion="ARM", **ARMADOR)
    if r.status_code != 200:
        return failed("completar", r)
    if not r.json()["success"]:
        return failed("completar answers", r)
    return passed(r.json()["message"])


def test_2_carrera():
    """Two workers want the same spool: the second one gets 409."""
    r = post("/api/occupation/tomar", tag_spool=SPOOL, operacion="ARM", **ARMADOR)
    if r.status_code != 200:
        return failed("first tomar", r)
    r = post("/api/occupation/tomar", tag_spool=SPOOL, operacion="ARM", **OTRO)
    if r.status_code != 409:
        return failed("second tomar", r)
    return passed("409")


def test_3_pausar_sin_tomar():
    """PAUSAR without TOMAR is refused."""
    r = post("/api/occupation/pausar", tag_spool=SPOOL_PAUSAR, operacion="ARM", **ARMADOR)
    if r.status_code == 200:
        return failed("pausar was not refused", r)
    return passed(f"refused with {r.status_code}")


def test_4_spool_desconocido():
    """An unknown spool gets 404."""
    r = post("/api/occupation/tomar", tag_spool="NO-EXISTE-999", operacion="ARM", **ARMADOR)
    if r.status_code != 404:
        return failed("tomar", r)
    return passed("404")


def test_5_historial():
    """The history of a spool is a list."""
    r = get(f"/api/history/{SPOOL}")
    if r.status_code != 200:
        return failed("history", r)
    data = r.json()
    if isinstance(data, list):
        return passed(f"{len(data)} events")
    if isinstance(data, dict) and "history" in data:
        return passed(f"{len(data['history'])} events")
    return failed("history is not a list", r)


def test_6_salud():
    """The service says that it is healthy."""
    r = get("/api/health")
    if r.status_code != 200 or r.json().get("status") != "healthy":
        return failed("health", r)
    return passed("healthy")


def test_7_flujo_sold():
    """TOMAR and COMPLETAR of SOLD; then the spool waits for the inspectors."""
    r = post("/api/occupation/tomar", tag_spool=SPOOL_SOLD, operacion="SOLD", **SOLDADOR)
    if r.status_code not in (200, 409, 500):  # it may have been taken by an earlier run
        return failed("tomar", r)
    r = post("/api/occupation/completar", tag_spool=SPOOL_SOLD, operacion="SOLD", **SOLDADOR)
    if r.status_code != 200:
        return failed("completar", r)
    return waits_for_inspection(SPOOL_SOLD)


def test_8_metrologia():
    """COMPLETAR of METROLOGIA with its result."""
    r = post(
        "/api/occupation/completar", tag_spool=SPOOL_METRO, operacion="METROLOGIA", resultado="APROBADO", **INSPECTOR
    )
    if r.status_code != 200:
        return failed("completar", r)
    return passed(r.json()["message"])


def waits_for_inspection(tag):
    r = get("/api/spools/iniciar", operacion="METROLOGIA")
    if r.status_code != 200:
        return failed("spools", r)
    if tag not in [spool["tag_spool"] for spool in r.json()["spools"]]:
        return failed(f"{tag} is not listed", r)
    return passed("listed for METROLOGIA")


def run(tests, arguments):
    global BASE_URL
    BASE_URL = (arguments or [os.environ.get("ZEUES_URL", BASE_URL)])[0].rstrip("/")
    results = {}
    for name in sorted(name for name in tests if name.startswith("test_")):
        print(f"{name}: {tests[name].__doc__}")
        try:
            results[name] = bool(tests[name]())
        except Exception as error:
            print(f"   ERROR {type(error).__name__}: {error}")
            results[name] = False
    print(f"{sum(results.values())} of {len(results)} passed")
    return 0 if all(results.values()) else 1


if __name__ == "__main__":
    sys.exit(run(globals(), sys.argv[1:]))
