"""A document with something of everything, for the tests of rewrites and of determinism."""

SAMPLE = """\
openapi: 3.1.0
info: {title: Shop, version: 1.2.0}
security: [{key: []}, {token: [read]}]
paths:
  /things:
    get:
      operationId: list_things
      tags: [things, public]
      parameters:
        - {name: q, in: query, schema: {anyOf: [{type: string}, {type: "null"}]}}
        - {name: kind, in: query, schema: {$ref: "#/components/schemas/Kind"}}
        - {name: ids, in: query, style: form, explode: false, schema: {type: array, items: {type: integer}}}
      responses:
        "200":
          description: Things
          headers: {X-Total: {required: true, schema: {type: integer}}}
          content:
            application/json:
              schema: {type: array, items: {$ref: "#/components/schemas/Thing"}}
        default: {$ref: "#/components/responses/Problem"}
    post:
      operationId: make_thing
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: "#/components/schemas/NewThing"}}
          multipart/form-data:
            schema: {type: object, properties: {file: {type: string, contentMediaType: application/octet-stream}}}
      responses:
        "201":
          description: Made
          content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}
      callbacks:
        done:
          "{$request.body#/url}":
            post:
              requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Event"}}}}
              responses: {"204": {description: Taken}}
  /things/{thing_id}:
    delete:
      parameters: [{name: thing_id, in: path, required: true, schema: {type: string, format: uuid}}]
      responses: {"204": {description: Gone}}
webhooks:
  stock:
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Event"}}}}
      responses: {"200": {description: Taken}}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
    token: {type: oauth2, flows: {clientCredentials: {tokenUrl: https://example.com/t, scopes: {read: r, write: w}}}}
  responses:
    Problem:
      description: Problem
      content: {application/problem+json: {schema: {$ref: "#/components/schemas/Problem"}}}
  schemas:
    Kind: {type: string, enum: [small, large]}
    Single: {type: string, enum: [only]}
    Base: {type: object, required: [id], properties: {id: {type: integer, minimum: 1}}}
    NewThing:
      type: object
      required: [name, kind]
      properties:
        name: {type: string, minLength: 1, maxLength: 50}
        kind: {$ref: "#/components/schemas/Kind"}
        size: {type: [number, "null"], exclusiveMinimum: 0}
        note: {anyOf: [{type: string, maxLength: 9}, {type: "null"}]}
        parts: {type: array, items: {$ref: "#/components/schemas/NewThing"}, maxItems: 9}
        only: {$ref: "#/components/schemas/Single"}
    Thing:
      allOf:
        - {$ref: "#/components/schemas/Base"}
        - type: object
          required: [name]
          properties:
            name: {type: string}
            parent: {anyOf: [{$ref: "#/components/schemas/Thing"}, {type: "null"}]}
            value: {oneOf: [{type: integer}, {type: string}, {$ref: "#/components/schemas/Kind"}]}
            extra: {type: object, additionalProperties: {type: integer}}
    Event:
      anyOf:
        - {$ref: "#/components/schemas/Made"}
        - {$ref: "#/components/schemas/Lost"}
    Made:
      type: object
      required: [event]
      properties: {event: {const: made}, thing: {$ref: "#/components/schemas/Thing"}}
    Lost: {type: object, required: [event], properties: {event: {const: lost}, id: {type: integer}}}
    Problem: {type: object, properties: {detail: {type: string}, status: {type: integer}}}
"""
