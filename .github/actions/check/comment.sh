#!/usr/bin/env bash
# Puts the Markdown report into one comment of the pull request: the one that begins with our marker, or a new one.
# A token that may not write (as of a pull request from a fork) is no failure of the check: it is said and passed over.
set -uo pipefail

[ -s "$FOLDER/report.md" ] || exit 0
name="$(printf '%s' "${INPUT_COMMENT_NAME:-check}" | tr -c 'A-Za-z0-9._' '-' | cut -c -60)"
MARKER="<!-- zeues-contracts comment: $name -->"
export MARKER
body="$(mktemp)"
# The report's own first line is a marker as well, which names the run; ours names the comment.
{
  printf '%s\n' "$MARKER"
  tail -n +2 -- "$FOLDER/report.md"
} >"$body"

# The first of them that we wrote: anybody could write a comment that begins with the marker. The workflow's own token
# belongs to no user and may not ask who it is; what it writes is a bot's.
ME="$(gh api user --jq .login 2>/dev/null)" || ME=""
export ME
comments="repos/$REPOSITORY/issues/$NUMBER/comments"
found="$(gh api --paginate "$comments" --jq '.[] | select(.body | startswith(env.MARKER))
  | select(if env.ME == "" then .user.type == "Bot" else .user.login == env.ME end) | .id' | head -n 1)"
if [ -n "$found" ]; then
  gh api --silent --method PATCH "repos/$REPOSITORY/issues/comments/$found" --field body=@"$body"
else
  gh api --silent --method POST "$comments" --field body=@"$body"
fi || echo "::warning title=zeues-contracts::The comment could not be written; the job summary has the same report."
rm -f -- "$body"
exit 0
