"""ZC1xx, acquiring the document and preflight."""

from __future__ import annotations

from zeues_contracts.findings import Cause, Level
from zeues_contracts.rules.model import PreflightExample, Rule

__all__ = ["RULES"]

_INFO = 'info: {title: Things, version: "1"}'
_OK = 'responses: {"200": {description: Things}}'

RULES: tuple[Rule, ...] = (
    Rule(
        "ZC101",
        "document-not-clean",
        "The document is not clean, and was read leniently",
        Level.INFO,
        Cause.VIOLATION,
        "Something is not as the OpenAPI specification has it (a path item that is no object, a method in capitals, a "
        "key given twice). It was taken in the way that each note says; other tools may take it in another way.",
        "Mend the document at the places listed, or the generator that writes it.",
        PreflightExample(document=f"openapi: 3.1.0\n{_INFO}\npaths:\n  /things: not a path item\n"),
    ),
    Rule(
        "ZC102",
        "schema-not-clean",
        "A schema of the document is not clean, and was read leniently",
        Level.INFO,
        Cause.VIOLATION,
        "A keyword has a value that it cannot have (a bound as a string, an unknown type, a boolean `required`), or "
        "stands where the version of OpenAPI ignores it. What was not understood is not judged.",
        "Mend the schema at the places listed.",
        PreflightExample(
            document=f"openapi: 3.1.0\n{_INFO}\npaths: {{}}\n"
            'components: {schemas: {Size: {type: integer, minimum: "1"}}}\n'
        ),
    ),
    Rule(
        "ZC103",
        "reference-dangles",
        "A reference leads nowhere",
        Level.WARNING,
        Cause.VIOLATION,
        "What it stands for is unknown: it was taken as absent, or as any value, so that nothing about it is judged.",
        "Mend the `$ref` (a component that was renamed or removed?), or declare what it names.",
        PreflightExample(
            document=f"openapi: 3.1.0\n{_INFO}\npaths:\n  /things:\n    get:\n"
            '      responses: {"200": {$ref: "#/components/responses/Gone"}}\n'
        ),
    ),
    Rule(
        "ZC104",
        "external-reference-not-loaded",
        "A reference to another file or URL was not followed",
        Level.WARNING,
        Cause.VIOLATION,
        "Other files are read below the document's own folder alone, and URLs only where that is allowed: a document "
        "that somebody else wrote must not make this tool read what it likes. What the reference stands for is not "
        "judged.",
        'Put the file beside the document, bundle the document, or set `external-refs = "network"`.',
        PreflightExample(
            document=f"openapi: 3.1.0\n{_INFO}\npaths:\n  /things:\n    get:\n"
            '      responses: {"200": {$ref: "https://api.example.com/common.yaml#/Ok"}}\n'
        ),
    ),
    Rule(
        "ZC105",
        "path-parameter-mismatch",
        "The template of a path and its parameters do not agree",
        Level.WARNING,
        Cause.VIOLATION,
        "A name in the template without a declared parameter has no known type, and a declared one that the template "
        "does not hold can never be sent.",
        "Declare every `{name}` of the path as a required path parameter, and no others.",
        PreflightExample(document=f"openapi: 3.1.0\n{_INFO}\npaths:\n  /things/{{id}}:\n    get: {{{_OK}}}\n"),
    ),
    Rule(
        "ZC106",
        "duplicate-operation",
        "Two operations are one: the same path, or the same operationId",
        Level.WARNING,
        Cause.VIOLATION,
        "Templates that differ in parameter names alone are the same path, and an operationId names one operation. "
        "Routers, clients and contracts that go by them may mean either.",
        "Merge the operations, or rename one.",
        PreflightExample(
            document=f"openapi: 3.1.0\n{_INFO}\npaths:\n"
            f"  /things: {{get: {{operationId: things, {_OK}}}}}\n"
            f"  /others: {{get: {{operationId: things, {_OK}}}}}\n"
        ),
    ),
    Rule(
        "ZC107",
        "swagger-2-document",
        "The document is Swagger 2.0",
        Level.INFO,
        Cause.VIOLATION,
        "It is read in the words of OpenAPI 3: `in: body` and forms become request bodies, `consumes` and `produces` "
        "media types, `collectionFormat` style and explode. Where it is silent about media types, JSON is meant.",
        "Nothing needs to be done; OpenAPI 3 can say more.",
        PreflightExample(document=f'swagger: "2.0"\n{_INFO}\npaths: {{/things: {{get: {{{_OK}}}}}}}\n'),
    ),
    Rule(
        "ZC108",
        "version-not-plain",
        "The version of OpenAPI is not given plainly",
        Level.INFO,
        Cause.VIOLATION,
        "A version that is a number (YAML without quotes), under the wrong key, or newer than what is known was taken "
        "as the note says.",
        "Write the version as a string, such as `openapi: 3.1.0`.",
        PreflightExample(document=f"openapi: 3.1\n{_INFO}\npaths: {{}}\n"),
    ),
    Rule(
        "ZC110",
        "document-elsewhere",
        "The documentation page names an address that has no document",
        Level.WARNING,
        Cause.VIOLATION,
        "The document was found at another address. A proxy that strips a path prefix is the usual reason: the page "
        "itself shows an error to everybody who opens it.",
        "Tell the application its prefix (FastAPI and uvicorn: `root_path`), or configure the document's own URL.",
        PreflightExample(
            answers=(
                ("/api/docs", 200, "<html><body><redoc spec-url='/openapi.json'></redoc></body></html>"),
                ("/openapi.json", 404, "not found"),
                ("/api/openapi.json", 200, '{"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {}}'),
            )
        ),
    ),
    Rule(
        "ZC111",
        "several-documents",
        "There are several documents to choose from",
        Level.WARNING,
        Cause.OUTAGE,
        "The page offers more than one API. Which of them is under contract, only you can say; nothing was judged.",
        "Name it: `--document NAME`, or `document-name` in the configuration.",
        PreflightExample(
            answers=(
                (
                    "/docs",
                    200,
                    "<script>SwaggerUI({urls: [{url: '/a.json', name: 'A'}, {url: '/b.json', name: 'B'}]})</script>",
                ),
                ("/a.json", 200, '{"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "paths": {}}'),
                ("/b.json", 200, '{"openapi": "3.1.0", "info": {"title": "B", "version": "1"}, "paths": {}}'),
            )
        ),
    ),
    Rule(
        "ZC112",
        "document-needs-credentials",
        "The document is behind a login",
        Level.WARNING,
        Cause.OUTAGE,
        "The service answers 401 or 403, or shows a login page. Without the document nothing can be judged.",
        "Give credentials with `--header` or in the configuration, or read the document in process with `--app`.",
        PreflightExample(answers=(("/docs", 401, '{"detail": "Not authenticated"}'),)),
    ),
    Rule(
        "ZC113",
        "document-not-found",
        "No document was found",
        Level.WARNING,
        Cause.OUTAGE,
        "Neither the address itself, nor what its page names, nor the addresses that frameworks use have an OpenAPI "
        "document.",
        "Give the document's own URL, a file, or `--app module:attribute`.",
        PreflightExample(answers=(("/docs", 404, "not found"),)),
    ),
)
