"""The same tests with their requests and expectations mended: COMPLETAR sends its date, the history is at `sessions`.

    python zeues_suite_mended.py [BASE_URL [RACE_SPOOL]]

RACE_SPOOL is the spool of test 2. Left out it is the one that test 1 completes, as it always was, and test 2 cannot
pass.
"""

import sys
from datetime import date

import zeues_suite as suite
from zeues_suite import (  # noqa: F401 - tests are found by name
    failed,
    get,
    passed,
    post,
    test_3_pausar_sin_tomar,
    test_4_spool_desconocido,
    test_6_salud,
)

TODAY = date.today().isoformat()
RACE_SPOOL = suite.SPOOL


def test_1_flujo_arm():
    """TOMAR, PAUSAR, TOMAR, COMPLETAR."""
    for step in ("tomar", "pausar", "tomar"):
        r = post(f"/api/occupation/{step}", tag_spool=suite.SPOOL, operacion="ARM", **suite.ARMADOR)
        if r.status_code != 200:
            return failed(step, r)
    return completed(suite.SPOOL, "ARM", suite.ARMADOR)


def test_2_carrera():
    """Two workers want the same spool: the second one gets 409."""
    r = post("/api/occupation/tomar", tag_spool=RACE_SPOOL, operacion="ARM", **suite.ARMADOR)
    if r.status_code != 200:
        return failed("first tomar", r)
    r = post("/api/occupation/tomar", tag_spool=RACE_SPOOL, operacion="ARM", **suite.OTRO)
    if r.status_code != 409:
        return failed("second tomar", r)
    return passed("409")


def test_5_historial():
    """The history of a spool is a list of sessions."""
    r = get(f"/api/history/{suite.SPOOL}")
    if r.status_code != 200:
        return failed("history", r)
    data = r.json()
    if not isinstance(data, dict) or not isinstance(data.get("sessions"), list):
        return failed("history has no sessions", r)
    return passed(f"{len(data['sessions'])} sessions")


def test_7_flujo_sold():
    """TOMAR and COMPLETAR of SOLD; then the spool waits for the inspectors."""
    r = post("/api/occupation/tomar", tag_spool=suite.SPOOL_SOLD, operacion="SOLD", **suite.SOLDADOR)
    if r.status_code != 200:
        return failed("tomar", r)
    return completed(suite.SPOOL_SOLD, "SOLD", suite.SOLDADOR) and suite.waits_for_inspection(suite.SPOOL_SOLD)


def test_8_metrologia():
    """TOMAR and COMPLETAR of METROLOGIA, with its result."""
    r = post("/api/occupation/tomar", tag_spool=suite.SPOOL_METRO, operacion="METROLOGIA", **suite.INSPECTOR)
    if r.status_code != 200:
        return failed("tomar", r)
    return completed(suite.SPOOL_METRO, "METROLOGIA", suite.INSPECTOR, resultado="APROBADO")


def completed(tag, operacion, worker, **more):
    r = post("/api/occupation/completar", tag_spool=tag, operacion=operacion, fecha_operacion=TODAY, **worker, **more)
    if r.status_code != 200 or not r.json()["success"]:
        return failed("completar", r)
    return passed(r.json()["message"])


if __name__ == "__main__":
    RACE_SPOOL = (sys.argv[2:] or [RACE_SPOOL])[0]
    sys.exit(suite.run(globals(), sys.argv[1:2]))
