"""How drift judges small pairs that people labelled.

    python tests/bench/score_probes.py FOLDER

FOLDER holds `gold.tsv` (folder, label: B breaking for some client, N not) and one folder for each pair, with
`base.json` and `revision.json`. B is met by an error or a warning, N by neither.
"""

from __future__ import annotations

import sys
from pathlib import Path

from zeues_contracts.drift import drift
from zeues_contracts.findings import Level
from zeues_contracts.openapi import load


def main(arguments: list[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    if len(given) != 1:
        print((__doc__ or "").strip(), file=sys.stderr)
        return 2
    folder = Path(given[0])
    right = caught = alarms = breaking = 0
    rows = [line.split("\t") for line in (folder / "gold.tsv").read_text("utf-8").splitlines()[1:] if line.strip()]
    for name, label in rows:
        old, new = (load(str(folder / name / file)) for file in ("base.json", "revision.json"))
        ours = [one for one in drift(old, new).findings if one.level.rank >= Level.WARNING.rank]
        breaking += label == "B"
        caught += label == "B" and bool(ours)
        alarms += label == "N" and bool(ours)
        right += (label == "B") is bool(ours)
        if (label == "B") is not bool(ours):
            print(f"{name}: labelled {label}; ours: {'; '.join(one.message for one in ours) or 'nothing'}")
    print(f"{right} of {len(rows)} right: {caught} of {breaking} breaking caught, {alarms} false alarms")
    return 0 if right == len(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
