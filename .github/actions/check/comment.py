"""Puts the Markdown report into one comment of the pull request: the one that begins with our marker, or a new one.

A token that may not write (as of a pull request from a fork) is no failure of the check: it is said and passed over.
Needs Python and nothing else, so that it works where a runner has no `gh`.
"""

from __future__ import annotations

import json
import os
import re
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

PAGE = 100
MOST_PAGES = 50
MOST = 65_000
"""GitHub refuses comments of more than 65,536 characters; the report keeps under that by itself."""


class UnwritableError(Exception):
    """What the server said instead of doing what it was asked for."""


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """The token goes to the API that the runner names and nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        """Refuse: the answer with the redirect is an error."""


OPENER = urllib.request.build_opener(NoRedirect())


def call(method: str, path: str, body: object = None) -> Any:
    """One call of the API; raises :class:`UnwritableError` with what was said."""
    request = urllib.request.Request(  # noqa: S310 - the runner says where its API is
        f"{os.environ.get('GITHUB_API_URL') or 'https://api.github.com'}/{path}",
        data=None if body is None else json.dumps(body).encode(),
        method=method,
        headers={
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {os.environ.get('GH_TOKEN', '')}",
            "Content-Type": "application/json",
            "User-Agent": "zeues-contracts",
            "X-GitHub-Api-Version": "2022-11-28",
        },
    )
    try:
        with OPENER.open(request, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise UnwritableError(f"{method} is answered with {error.code}") from None
    except (OSError, ValueError) as error:
        raise UnwritableError(f"{method} failed: {type(error).__name__}") from None


def ours(comments: str, marker: str) -> int | None:
    """The first comment that begins with the marker and that we wrote: anybody could write one that begins so."""
    try:
        me = str(call("GET", "user")["login"])
    except (UnwritableError, KeyError, TypeError):
        me = ""  # the workflow's own token belongs to no user and may not ask; what it writes is a bot's
    for number in range(1, MOST_PAGES + 1):
        page = call("GET", f"{comments}?per_page={PAGE}&page={number}")
        for one in page:
            user = one.get("user") or {}
            mine = user.get("login") == me if me else user.get("type") == "Bot"
            if mine and str(one.get("body") or "").startswith(marker):
                return int(one["id"])
        if len(page) < PAGE:
            break
    return None


def main() -> None:
    """Write the comment, or say that it could not be written."""
    report = Path(os.environ.get("FOLDER", ""), "report.md")
    if not os.environ.get("FOLDER") or not report.is_file() or not report.stat().st_size:
        return
    repository, number = os.environ.get("REPOSITORY", ""), os.environ.get("NUMBER", "")
    name = re.sub(r"[^A-Za-z0-9._]", "-", os.environ.get("INPUT_COMMENT_NAME") or "check")[:60]
    marker = f"<!-- zeues-contracts comment: {name} -->"
    # The report's own first line is a marker as well, which names the run; ours names the comment.
    text = report.read_text("utf-8").partition("\n")[2]
    try:
        if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository) or not number.isdecimal():
            raise UnwritableError("the event names no pull request")
        comments = f"repos/{repository}/issues/{number}/comments"
        body = {"body": f"{marker}\n{text}"[:MOST]}
        found = ours(comments, marker)
        if found is not None:
            call("PATCH", f"repos/{repository}/issues/comments/{found}", body)
        else:
            call("POST", comments, body)
    except UnwritableError as error:
        sys.stdout.write(
            "::warning title=zeues-contracts::The comment could not be written "
            f"({error}); the job summary has the same report.\n"
        )


if __name__ == "__main__":
    main()
