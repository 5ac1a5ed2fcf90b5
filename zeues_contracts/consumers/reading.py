"""Reading contracts from files. What is wrong is told with file, line and column."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from zeues_contracts.consumers.forms import FormError, Surroundings, example_of, expand_expectation, expand_sent
from zeues_contracts.consumers.forms.words import escape, property_name
from zeues_contracts.consumers.model import Contract, Expectation, Interaction, Payload, RequestSpec
from zeues_contracts.consumers.structure import check_structure
from zeues_contracts.errors import UsageError
from zeues_contracts.files import inside_project
from zeues_contracts.findings import Place
from zeues_contracts.openapi.yaml_reading import Located, YamlBounds, read_yaml
from zeues_contracts.redact import know

if TYPE_CHECKING:
    from zeues_contracts.config import Config

__all__ = ["contract_file", "contract_files", "parse_contract", "read_contract", "read_contracts"]

MAX_BYTES = 16 * 1024 * 1024
_BOUNDS = YamlBounds(depth=100, size=64 * 1024 * 1024)
_MOST_FILES = 10_000
_METHOD = re.compile(r"[A-Za-z]{1,20}")


def read_contracts(config: Config, service: str, *, surroundings: Surroundings | None = None) -> tuple[Contract, ...]:
    """The contracts of a service: of the files that its ``contracts`` globs name, those about it, by file name.

    A contract without ``service`` is about every service that lists its file, and without a configuration file every
    contract is about the one service there is. Raises :class:`UsageError` for a file
    that cannot be read, and where two contracts of a consumer have an interaction of the same id.
    """
    found: list[Contract] = []
    seen: dict[tuple[str, str], str] = {}
    # A service that flags alone speak of is called `service`, whatever name contracts have for it.
    nameless = len(config.services) <= 1 and (not config.source or service == "service")
    for file in contract_files(config, service):
        contract = read_contract(file, shown=_shown(file, config), surroundings=surroundings)
        if contract.service not in ("", service) and not nameless:
            _known(contract, config)
            continue
        for one in contract.interactions:
            key = (contract.consumer, one.id)
            if key in seen:
                line = one.place.line if one.place else None
                raise UsageError(
                    f"{contract.source}:{line}: the interaction `{one.id}` of `{contract.consumer}` is in "
                    f"{seen[key]} too",
                    hint="give one of them another id",
                )
            seen[key] = contract.source
        found.append(contract)
    return tuple(found)


def _known(contract: Contract, config: Config) -> None:
    """Refuse a contract about a service that nobody configured: it would never be checked, and nobody would know."""
    if contract.service in config.services:
        return
    near = difflib.get_close_matches(contract.service, list(config.services), n=1)
    listed = ", ".join(config.services)
    hint = f"did you mean `{near[0]}`? " if near else ""
    raise UsageError(
        f"{contract.source}: the service `{contract.service[:60]}` is not in the configuration",
        hint=f"{hint}it has {listed}; a contract without `service` is about all that list its file",
    )


def contract_files(config: Config, service: str) -> tuple[Path, ...]:
    """The files that the globs of a service name, sorted, each once."""
    settings = config.services.get(service)
    patterns = settings.contracts if settings is not None else ["contracts/*.yaml"]
    root = Path(config.root or ".")
    files: dict[Path, None] = {}
    for pattern in patterns:
        for file in sorted(_matching(root, pattern, config)):
            files.setdefault(inside_project(file, config.root, "contracts"))
            if len(files) > _MOST_FILES:
                raise UsageError(f"`contracts`: {pattern} names more than {_MOST_FILES} files", hint="narrow the glob")
    return tuple(files)


def contract_file(config: Config, consumer: str) -> Path:
    """Where the contract of a consumer is written: ``contracts/CONSUMER.yaml`` beside the configuration.

    Raises :class:`UsageError` where a link leads it out of the project.
    """
    return inside_project(Path(config.root or ".") / "contracts" / f"{consumer}.yaml", config.root, "contracts")


def _matching(root: Path, pattern: str, config: Config) -> Iterator[Path]:
    path = Path(pattern)
    base, relative = (Path(path.anchor), path.relative_to(path.anchor)) if path.is_absolute() else (root, path)
    if not re.search(r"[*?\[]", pattern):
        if not (base / relative).is_file():
            raise UsageError(
                f"{config.source or 'the configuration'}: `contracts` names {pattern}, which is no file",
                hint="mend the name, or give a glob such as contracts/*.yaml",
            )
        yield base / relative
        return
    try:
        # A folder that looks like a file is none; a glob that names nothing is a service without consumers yet.
        yield from (file for file in base.glob(str(relative)) if file.is_file())
    except (ValueError, NotImplementedError, OSError) as error:
        raise UsageError(f"`contracts`: {pattern} is no glob: {error}") from None


def _shown(file: Path, config: Config) -> str:
    """A file as findings name it: from the configuration's folder, as everybody who has the repository sees it."""
    try:
        return file.relative_to(config.root).as_posix() if config.root else file.as_posix()
    except ValueError:
        return file.as_posix()


def read_contract(path: Path | str, *, shown: str = "", surroundings: Surroundings | None = None) -> Contract:
    """The contract of a file. Raises :class:`UsageError` with file, line and column of what is wrong."""
    file = Path(path)
    name = shown or file.as_posix()
    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{name}: cannot be read: {error.strerror or error}") from None
    if len(data) > MAX_BYTES:
        raise UsageError(f"{name}: larger than {MAX_BYTES // 1024 // 1024} MiB, which no contract is")
    return parse_contract(data, name, surroundings=surroundings)


def parse_contract(data: bytes | str, source: str = "", *, surroundings: Surroundings | None = None) -> Contract:
    """The contract of a text. Raises :class:`UsageError`."""
    name = source or "the contract"
    text = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    notes: list[tuple[int, str]] = []
    value, where = read_yaml(text, name, _BOUNDS, lambda line, note: notes.append((line, note)), locate=True)
    if notes:
        line, note = notes[0]
        raise UsageError(f"{name}:{line}: {note}", hint="a contract is read strictly: mend it there")
    if value is None:
        raise UsageError(f"{name}: the file is empty", hint="begin it with `version: 1`, `consumer:`, `interactions:`")
    try:
        check_structure(value)
        around = surroundings or Surroundings()
        return _Reader(name, where, replace(around, environ=_Secrets(around.environ))).contract(value)
    except FormError as error:
        line, column = _position(where, error.pointer)
        raise UsageError(f"{name}:{line}:{column}: {error.message}", hint=error.hint) from None
    except RecursionError:
        raise UsageError(f"{name}: nested too deep") from None


def _position(where: Located | None, pointer: str) -> tuple[int, int]:
    """Line and column of a place, or of the nearest thing around it."""
    if where is None:
        return 1, 1
    here = where
    for token in pointer.split("/")[1:]:
        below = here.members.get(token.replace("~1", "/").replace("~0", "~"))
        if below is None:
            break
        here = below
    return here.line, here.column


class _Secrets(Mapping[str, str]):
    """The environment; what is read from it is secret from then on, wherever it comes up."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def __getitem__(self, name: str) -> str:
        value = self._environ[name]
        know((value,))
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._environ)

    def __len__(self) -> int:
        return len(self._environ)


class _Reader:
    def __init__(self, source: str, where: Located | None, around: Surroundings) -> None:
        self.source = source
        self.where = where
        self.around = around

    def contract(self, value: Mapping[str, Any]) -> Contract:
        interactions: list[Interaction] = []
        ids: dict[str, int] = {}
        for index, given in enumerate(value["interactions"]):
            pointer = f"/interactions/{index}"
            name = given["id"]
            if name in ids:
                line, _ = _position(self.where, f"/interactions/{ids[name]}")
                raise FormError(f"{pointer}/id", f"the id `{name}` is given twice", f"the other is in line {line}")
            ids[name] = index
            interactions.append(self.interaction(given, pointer))
        return Contract(
            value["consumer"], value.get("service", ""), tuple(interactions), self.source, value.get("description", "")
        )

    def interaction(self, given: Mapping[str, Any], pointer: str) -> Interaction:
        operation = " ".join(given["operation"].split())
        method, blank, path = operation.partition(" ")
        if blank and (not _METHOD.fullmatch(method) or not path.startswith("/")):
            hint = "as in `GET /things/{id}`, or an operationId"
            raise FormError(f"{pointer}/operation", f"`{operation[:80]}` is no operation", hint)
        line, column = _position(self.where, pointer)
        path, _, query = path.partition("?")
        return Interaction(
            id=given["id"],
            operation=f"{method.upper()} {path}" if blank else operation,
            request=_with_query(self.request(given.get("request", {}), f"{pointer}/request"), query),
            expect=self.expect(given.get("expect", {}), f"{pointer}/expect"),
            test=given.get("test", ""),
            description=given.get("description", ""),
            place=Place(self.source, pointer, line, column, "contract"),
            lines=self.lines(pointer),
        )

    def request(self, given: Mapping[str, Any], pointer: str) -> RequestSpec:
        parts: dict[str, dict[str, Payload]] = {}
        for key in ("path", "query", "headers", "cookies"):
            parts[key] = {}
            for written, form in given.get(key, {}).items():
                called, question = property_name(written)
                name = called.lower() if key == "headers" else called
                payload = self.sent(form, f"{pointer}/{key}/{escape(written)}")
                parts[key][name] = _optional(payload) if question else payload
        body = self.sent(given["body"], f"{pointer}/body") if "body" in given else None
        kind = given.get("media-type", "")
        header = parts["headers"].get("content-type")
        if not kind and header is not None and isinstance(header.value, str):
            kind = header.value
        return RequestSpec(
            parts["path"], parts["query"], parts["headers"], parts["cookies"], body, kind or "application/json"
        )

    def expect(self, given: Mapping[str, Any], pointer: str) -> Expectation:
        status = given.get("status", [])
        statuses = tuple(str(one).upper() for one in (status if isinstance(status, list) else [status]))
        headers: dict[str, Payload] = {}
        for written, form in given.get("headers", {}).items():
            called, question = property_name(written)
            payload = self.expected(form, f"{pointer}/headers/{escape(written)}")
            headers[called.lower()] = _optional(payload) if question else payload
        body = self.expected(given["body"], f"{pointer}/body") if "body" in given else None
        return Expectation(statuses, headers, body, given.get("media-type", ""))

    def sent(self, form: Any, pointer: str) -> Payload:
        sent = expand_sent(form, self.around, pointer)
        self.checked(sent.schema, pointer)
        return Payload(
            sent.schema,
            sent.value,
            sent.example,
            _below(pointer),
            sent.optional,
            form,
            sent.public,
            sent.unset,
            sent.variables,
        )

    def expected(self, form: Any, pointer: str) -> Payload:
        schema, optional = expand_expectation(form, pointer)
        self.checked(schema, pointer)
        return Payload(schema, example_of(form), False, _below(pointer), optional, form)

    def checked(self, schema: Any, pointer: str) -> None:
        """Refuse what is no JSON Schema: a check against it would say nothing."""
        for inner, at in _schemas(schema, ""):
            problem = _schema_problem(inner)
            if problem:
                raise FormError(pointer + at, f"this is no JSON Schema (2020-12): {problem}")

    def lines(self, pointer: str) -> dict[str, tuple[int, int]]:
        """Line and column of all that stands in an interaction, by pointers below it."""
        here = self.where
        for token in pointer.split("/")[1:]:
            here = here.members.get(token) if here is not None else None
        found: dict[str, tuple[int, int]] = {}
        stack = [("", here)]
        while stack:
            at, located = stack.pop()
            if located is None or len(found) > 100_000:
                continue
            found[at] = (located.line, located.column)
            stack += [(f"{at}/{escape(name)}", one) for name, one in located.members.items()]
        return found


def _below(pointer: str) -> str:
    """The pointer below its interaction: ``/interactions/3/request/body`` → ``/request/body``."""
    return "/" + pointer.split("/", 3)[3]


def _with_query(spec: RequestSpec, query: str) -> RequestSpec:
    """A request with the query that its operation was written with (``GET /x?page=2``); what `query` says counts."""
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        values.setdefault(name, []).append(value)
    if not values:
        return spec
    given = {
        name: Payload({"const": value}, value, True, "/operation")
        for name, many in values.items()
        for value in [many[0] if len(many) == 1 else many]
    }
    return replace(spec, query={**given, **spec.query})


def _optional(payload: Payload) -> Payload:
    return replace(payload, optional=True)


def _schemas(schema: Any, at: str) -> Iterator[tuple[Any, str]]:
    """The schema itself; everything that was put together by the short forms is well-formed."""
    yield schema, at


@lru_cache(maxsize=1)
def _meta_validator() -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator({"$ref": "https://json-schema.org/draft/2020-12/schema"})


def _schema_problem(schema: Any) -> str:
    import jsonschema

    if isinstance(schema, bool) or set(schema) <= {"const"}:
        return ""
    try:
        if _meta_validator().is_valid(dict(schema)):
            return ""
    except (ValueError, TypeError, OverflowError, RecursionError):
        pass  # the other validator has the last word
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError as error:
        where = "/".join(str(part) for part in error.absolute_path)
        return f"{f'at {where}: ' if where else ''}{str(error.message)[:200]}"
    return ""
