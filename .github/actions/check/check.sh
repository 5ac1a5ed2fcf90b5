#!/usr/bin/env bash
# Runs the check with the inputs of the action (INPUT_*), writes every report to one folder and the outputs.
# Ends well whatever the check found: the last step of the action gives the verdict, after the reports went out.
set -uo pipefail

folder="$(mktemp -d "${RUNNER_TEMP:-/tmp}/zeues-contracts.XXXXXX")"
arguments=()
add() { if [ -n "$2" ]; then arguments+=("$1" "$2"); fi; }
add --config "${INPUT_CONFIG:-}"
add --url "${INPUT_URL:-}"
add --app "${INPUT_APP:-}"
add --document "${INPUT_DOCUMENT:-}"
add --only "${INPUT_ONLY:-}"
add --since "${INPUT_SINCE:-}"
add --seconds "${INPUT_SECONDS:-}"
add --fail-level "${INPUT_FAIL_LEVEL:-}"
add --preset "${INPUT_PRESET:-}"
arguments+=(--format text)
if [ "${INPUT_ANNOTATIONS:-true}" = true ]; then arguments+=(--format github); fi
arguments+=(
  --format json --output "$folder/report.json"
  --format sarif --output "$folder/report.sarif"
  --format junit --output "$folder/junit.xml"
  --format markdown --output "$folder/report.md"
  --format html --output "$folder/report.html"
)
# Names of services are words; `--` keeps each from being an option.
read -r -d '' -a services <<<"${INPUT_SERVICES:-}" || true
# pip of a system's own Python may put the command where PATH does not lead; the module is where pip put it.
command=(zeues-contracts)
command -v zeues-contracts >/dev/null || command=(python -P -m zeues_contracts)
# An empty array is an unbound variable to the bash of macOS (3.2).
"${command[@]}" check "${arguments[@]}" -- ${services[@]+"${services[@]}"}
code=$?

said() {
  python -I - "$folder/report.json" "$1" <<'PYTHON'
import json, sys
try:
    report = json.load(open(sys.argv[1], encoding="utf-8"))
except (OSError, ValueError):
    sys.exit()
levels = report["summary"]["levels"]
print({"verdict": report["verdict"], "errors": levels["error"], "warnings": levels["warning"]}[sys.argv[2]])
PYTHON
}
{
  echo "exit-code=$code"
  echo "folder=$folder"
  echo "verdict=$(said verdict)"
  echo "errors=$(said errors)"
  echo "warnings=$(said warnings)"
} >>"${GITHUB_OUTPUT:-/dev/stdout}"
exit 0
