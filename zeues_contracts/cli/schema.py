"""``zeues-contracts schema``: JSON Schemas, compared by the values that they accept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zeues_contracts.cli import WholeGroup
from zeues_contracts.cli.options import complete_files, wants_color, write_out
from zeues_contracts.errors import UsageError

if TYPE_CHECKING:
    from zeues_contracts.schema import Answer, Dialect, Schema
    from zeues_contracts.schema.difference import Change

__all__ = ["command"]

# The words of `schema.types.Dialect` and `Direction`, written out so that `--help` imports nothing.
DIALECTS = (
    "draft-04",
    "draft-06",
    "draft-07",
    "2019-09",
    "2020-12",
    "swagger-2.0",
    "openapi-3.0",
    "openapi-3.1",
)
MAX_WITNESS = 2000


@click.group("schema", cls=WholeGroup)
def command() -> None:
    r"""Compare JSON Schemas by the values they accept.

    \b
    Examples:
      zeues-contracts schema compare old.schema.json new.schema.json
      zeues-contracts schema compare old.json new.json --require forward
    """


@command.command("compare")
@click.argument("first", metavar="A", shell_complete=complete_files)
@click.argument("second", metavar="B", shell_complete=complete_files)
@click.option(
    "--dialect",
    type=click.Choice(DIALECTS),
    default=None,
    help="How both are read; by default as their own $schema, openapi or swagger says, else 2020-12.",
)
@click.option("--format-assertion", is_flag=True, help="`format` restricts strings; by default it is an annotation.")
@click.option("--closed-world", is_flag=True, help="Objects that do not speak of other properties have none.")
@click.option(
    "--direction",
    type=click.Choice(("request", "response")),
    default=None,
    help="Leave out readOnly properties (request) or writeOnly ones (response).",
)
@click.option(
    "--require",
    type=click.Choice(("equal", "forward", "backward")),
    default="equal",
    show_default=True,
    help="What exit code 0 asks for: the same values; every value of A in B; every value of B in A.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(0.01, 600),
    default=None,
    help="Time for each of the two questions; by default 2.",
)
@click.option(
    "--format", "-f", "style", type=click.Choice(("text", "json")), default="text", show_default=True, help="Format."
)
@click.option("--color/--no-color", default=None, help="Colours; by default on a terminal, unless NO_COLOR is set.")
def compare(
    first: str,
    second: str,
    dialect: str | None,
    format_assertion: bool,
    closed_world: bool,
    direction: str | None,
    require: str,
    seconds: float | None,
    style: str,
    color: bool | None,
) -> int:
    r"""Say whether every value of A is a value of B, and the other way round.

    A and B are JSON or YAML files; a JSON pointer behind `#` names a schema in one. Each answer is proven, or refuted
    with a value that two validators have confirmed, or unknown with the reason.

    \b
    Exit codes: 0 what --require asks for is proven; 1 it is refuted; 2 usage; 3 it could not be told.

    \b
    Examples:
      zeues-contracts schema compare old.json new.json
      zeues-contracts schema compare a.yaml#/components/schemas/Order b.yaml#/components/schemas/Order
      zeues-contracts schema compare old.json new.json --require forward --format json
    """
    from zeues_contracts.schema import Budget, Context, Direction, Settings, contains
    from zeues_contracts.schema.difference import difference

    budget = Budget() if seconds is None else Budget(seconds=seconds)
    settings = Settings(format_assertion, None if direction is None else Direction(direction), closed_world, budget)
    one, other = _read(first, dialect), _read(second, dialect)
    context = Context(settings)
    answers = {"forward": contains(one, other, context), "backward": contains(other, one, context)}
    changes = difference(one, other, context)
    if style == "json":
        write_out(_json(first, second, answers, changes))
    else:
        write_out(_text(first, second, answers, changes, wants_color(color)))
    return _exit_code([answers[name] for name in answers if require in ("equal", name)])


def _exit_code(asked: list[Answer]) -> int:
    from zeues_contracts.schema import Refuted, Unknown

    if any(isinstance(one, Refuted) for one in asked):
        return 1
    return 3 if any(isinstance(one, Unknown) for one in asked) else 0


def _read(spec: str, dialect: str | None) -> Schema:
    """The schema that ``FILE`` or ``FILE#/pointer`` names. Raises :class:`UsageError`."""
    from urllib.parse import unquote

    from zeues_contracts.config import LimitsConfig
    from zeues_contracts.openapi.loading import parse_fragment, read_bounded
    from zeues_contracts.schema import Dialect, Resource
    from zeues_contracts.schema.references import node_at

    name, _, fragment = (spec, "", "") if Path(spec).is_file() else spec.partition("#")
    limits = LimitsConfig()
    contents = parse_fragment(read_bounded(Path(name), limits.max_bytes), name, limits, [])
    pointer = unquote(fragment)
    if pointer and not pointer.startswith("/"):
        raise UsageError(f"{spec}: {fragment!r} is no JSON pointer", hint=f"write {name}#/{fragment}")
    found = Dialect(dialect) if dialect else _dialect_of(contents)
    schema = Resource(contents, found).schema(pointer)
    try:
        node = node_at(schema)
    except KeyError:
        raise UsageError(f"{name}: nothing stands at {pointer}", hint="name a place as in #/$defs/Order") from None
    if not isinstance(node, (bool, dict)):
        raise UsageError(f"{spec}: is no schema: neither an object nor a boolean")
    return schema


def _dialect_of(contents: Any) -> Dialect:
    from zeues_contracts.openapi.loading import dialect_of, looks_like_document, schema_dialect
    from zeues_contracts.schema import Dialect

    if looks_like_document(contents):
        return dialect_of(contents, "the document", [])[1]
    named = contents.get("$schema") if isinstance(contents, dict) else None
    return (schema_dialect(named) if isinstance(named, str) else None) or Dialect.DRAFT_2020_12


def _json(first: str, second: str, answers: dict[str, Answer], changes: tuple[Change, ...]) -> str:
    from zeues_contracts.report.safe import json_text
    from zeues_contracts.schema.difference import MISSING

    told: list[dict[str, Any]] = []
    for change in changes:
        entry = {
            "path": list(change.path),
            "keyword": change.keyword,
            "direction": change.direction.value,
            "sentence": str(change),
            "a": change.old_pointer,
            "b": change.new_pointer,
        }
        parts = {"before": change.before, "after": change.after, "witness": change.witness}
        told.append(entry | {name: value for name, value in parts.items() if value is not MISSING})
    found = {"a": first, "b": second} | {name: _plain(answer) for name, answer in answers.items()} | {"changes": told}
    return json_text(found)


def _plain(answer: Answer) -> dict[str, Any]:
    import msgspec

    from zeues_contracts.schema import Proven, Refuted

    if isinstance(answer, Proven):
        return {"answer": "proven"}
    if isinstance(answer, Refuted):
        why = answer.explanation
        told = {} if why is None else {"explanation": msgspec.structs.asdict(why)}
        return {"answer": "refuted", "witness": answer.witness, **told}
    return {"answer": "unknown", "reason": answer.reason}


def _text(first: str, second: str, answers: dict[str, Answer], changes: tuple[Change, ...], color: bool) -> str:
    from zeues_contracts.report.safe import guard_log, visible

    lines: list[str] = []
    for name, (sub, sup) in (("forward", (first, second)), ("backward", (second, first))):
        word, told = _told(answers[name], sup)
        painted = f"\x1b[{_SHADES[word]}m{word}\x1b[0m" if color else word
        lines.append(f"{painted}{' ' * (9 - len(word))}{visible(f'every value of {sub} is a value of {sup}')}")
        lines += [f"         {visible(line)}" for line in told]
    if changes:
        lines += ["", visible(f"From {first} to {second}:")]
        lines += [visible(f"  {change.direction.value:9} {change}") for change in changes]
    return guard_log("\n".join(lines) + "\n")


_SHADES = {"proven": 32, "refuted": 31, "unknown": 33}


def _told(answer: Answer, sup: str) -> tuple[str, list[str]]:
    """The answer in a word, and what else there is to say of it."""
    from zeues_contracts.schema import Proven, Refuted

    if isinstance(answer, Proven):
        return "proven", []
    if not isinstance(answer, Refuted):
        return "unknown", [answer.reason]
    text = json.dumps(answer.witness, ensure_ascii=False)
    shown = text if len(text) <= MAX_WITNESS else f"{text[:MAX_WITNESS]}... ({len(text)} characters)"
    lines = [f"not so: {shown}"]
    if answer.explanation is not None:
        why = answer.explanation
        file = sup if Path(sup).is_file() else sup.partition("#")[0]
        lines.append(f"{why.sentence} ({file}#{why.sup_pointer})")
    return "refuted", lines
