"""A service with bugs planted by name, and the same service without them. Stock FastAPI otherwise.

Run it by itself with ``python -m uvicorn --factory planted:make`` and the environment variable ``BUGS`` (names, or
``all``).
"""

import asyncio
import os
from typing import Annotated

from fastapi import FastAPI, Header, HTTPException, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse, StreamingResponse
from fastapi.security import APIKeyHeader
from pydantic import BaseModel, Field

# name -> (the operation it is planted in, the rule that has to find it)
BUGS = {
    "server-error": ("GET /divide/{number}", "ZC401"),
    "server-error-in-body": ("POST /orders", "ZC401"),
    "undocumented-status": ("GET /teapot/{size}", "ZC402"),
    "undocumented-success": ("POST /jobs", "ZC403"),
    "undocumented-media-type": ("GET /report", "ZC404"),
    "dict-for-list": ("GET /colours", "ZC405"),
    "missing-property": ("GET /profile/{name}", "ZC405"),
    "malformed": ("GET /broken", "ZC406"),
    "missing-header": ("GET /page", "ZC407"),
    "header-type": ("GET /limits", "ZC408"),
    "required-input": ("GET /search", "ZC410"),
    "required-body-property": ("POST /notes", "ZC410"),
    "invalid-input": ("POST /ages", "ZC411"),
    "valid-input": ("POST /labels", "ZC412"),
    "auth": ("GET /secret", "ZC420"),
    "use-after-delete": ("GET /items/{item_id}", "ZC421"),
    "missing-after-create": ("GET /things/{thing_id}", "ZC422"),
    "stream-as-json": ("GET /ticks", "ZC430"),
}

FAIL = {404: {"description": "No such thing"}}


class Order(BaseModel):
    product: str = Field(min_length=1, max_length=40)
    amount: int = Field(ge=0, le=1000)
    gift: bool = False


class Item(BaseModel):
    name: str = Field(min_length=1, max_length=30)


class StoredItem(Item):
    id: int


class Note(BaseModel):
    text: str = Field(min_length=1)
    pages: int = Field(ge=1, le=9)


class Age(BaseModel):
    age: int = Field(ge=0, le=150)


class Label(BaseModel):
    label: str = Field(min_length=1, max_length=20, pattern="^[a-z]+$")


class Profile(BaseModel):
    name: str
    score: int


def _document_only(model):
    """A body that the document describes and nobody checks."""
    schema = model.model_json_schema()
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def make(bugs=None):
    named = os.environ.get("BUGS", "").split(",") if bugs is None else list(bugs)
    planted = set(BUGS) if named == ["all"] else set(filter(None, named))
    app = FastAPI(title="Planted", version="1")
    items: dict[int, StoredItem] = {}
    deleted: set[int] = set()
    things: dict[int, StoredItem] = {}

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "healthy"}

    @app.get("/divide/{number}")
    def divide(number: int) -> float:
        if "server-error" in planted:
            return 100 / (number % 5)
        return 100 / (number % 5 + 1)

    @app.post("/orders", status_code=201)
    def order(order: Order) -> Order:
        if "server-error-in-body" in planted and order.gift and order.amount > 500:
            raise RuntimeError("no wrapping paper that large")
        return order

    @app.get("/teapot/{size}", responses={409: {"description": "In use"}})
    def teapot(size: int) -> dict[str, int]:
        if "undocumented-status" in planted and size > 10:
            raise HTTPException(418, "too large")
        return {"size": size}

    @app.post("/jobs", status_code=202)
    def job(response: Response) -> dict[str, str]:
        if "undocumented-success" in planted:
            response.status_code = 201
        return {"state": "queued"}

    @app.get("/report", response_model=dict[str, int])
    def report():
        return PlainTextResponse("total: 7") if "undocumented-media-type" in planted else {"total": 7}

    @app.get("/colours", response_model=list[str])
    def colours():
        return JSONResponse({"colours": ["red"]} if "dict-for-list" in planted else ["red"])

    @app.get("/profile/{name}", response_model=Profile)
    def profile(name: str):
        value = {"name": name, "score": 1}
        if "missing-property" in planted:
            del value["score"]
        return JSONResponse(value)

    @app.get("/broken", response_model=dict[str, str])
    def broken():
        return Response("{'a': 1}" if "malformed" in planted else '{"a": "1"}', media_type="application/json")

    header = {"X-Total": {"required": True, "schema": {"type": "integer"}}}

    @app.get("/page", responses={200: {"headers": header}})
    def page(response: Response) -> list[int]:
        if "missing-header" not in planted:
            response.headers["X-Total"] = "3"
        return [1, 2, 3]

    @app.get("/limits", responses={200: {"headers": header}})
    def limits(response: Response) -> list[int]:
        response.headers["X-Total"] = "many" if "header-type" in planted else "3"
        return []

    if "required-input" in planted:
        query = {"name": "q", "in": "query", "required": True, "schema": {"type": "string", "minLength": 1}}

        @app.get("/search", openapi_extra={"parameters": [query]})
        def search(request: Request) -> list[str]:
            return [request.query_params.get("q", "")]
    else:

        @app.get("/search")
        def search_well(q: str) -> list[str]:
            return [q]

    if "required-body-property" in planted:

        @app.post("/notes", openapi_extra=_document_only(Note))
        async def note(request: Request) -> dict[str, bool]:
            try:
                value = Note.model_construct(**{"pages": 1, **(await request.json())})
                Note.model_validate({"text": "x", **value.model_dump()})
            except Exception:
                raise HTTPException(422, "no note") from None
            return {"ok": True}
    else:

        @app.post("/notes")
        def note_well(note: Note) -> dict[str, bool]:
            return {"ok": True}

    if "invalid-input" in planted:

        class Wide(BaseModel):
            age: int

        @app.post("/ages", openapi_extra=_document_only(Age))
        async def age(request: Request) -> dict[str, bool]:
            try:
                Wide.model_validate(await request.json())
            except Exception:
                raise HTTPException(422, "no age") from None
            return {"ok": True}
    else:

        @app.post("/ages")
        def age_well(age: Age) -> dict[str, bool]:
            return {"ok": True}

    @app.post("/labels")
    def label(label: Label) -> dict[str, str]:
        if "valid-input" in planted and len(label.label) > 5:
            raise HTTPException(422, "labels have at most five letters")
        return {"label": label.label}

    key = APIKeyHeader(name="X-API-Key", auto_error=False)

    def guarded(x_api_key: Annotated[str | None, Header(include_in_schema=False)] = None) -> None:
        if "auth" not in planted and x_api_key != "letmein":
            raise HTTPException(401, "who is there?")

    from fastapi import Depends

    @app.get("/secret", dependencies=[Depends(guarded), Depends(key)], responses={401: {"description": "No"}})
    def secret() -> dict[str, str]:
        return {"secret": "none"}

    @app.post("/items", status_code=201)
    def create_item(item: Item) -> StoredItem:
        stored = StoredItem(id=len(items) + len(deleted) + 1, name=item.name)
        items[stored.id] = stored
        return stored

    @app.get("/items/{item_id}", responses=FAIL)
    def read_item(item_id: int) -> StoredItem:
        if item_id not in items:
            raise HTTPException(404, "no such item")
        return items[item_id]

    @app.delete("/items/{item_id}", status_code=204, responses=FAIL)
    def delete_item(item_id: int) -> None:
        if item_id not in items or item_id in deleted:
            raise HTTPException(404, "no such item")
        deleted.add(item_id)
        if "use-after-delete" not in planted:
            del items[item_id]

    @app.post("/things", status_code=201)
    def create_thing(thing: Item) -> StoredItem:
        stored = StoredItem(id=len(things) + 1, name=thing.name)
        things[stored.id] = stored
        return stored

    @app.get("/things/{thing_id}", responses=FAIL)
    def read_thing(thing_id: int) -> StoredItem:
        if thing_id not in things or "missing-after-create" in planted:
            raise HTTPException(404, "no such thing")
        return things[thing_id]

    async def ticking():
        while True:
            yield "data: tick\n\n"
            await asyncio.sleep(0.02)

    if "stream-as-json" in planted:

        @app.get("/ticks")
        def ticks():
            return StreamingResponse(ticking(), media_type="text/event-stream")
    else:

        @app.get("/ticks", response_class=StreamingResponse, responses={200: {"content": {"text/event-stream": {}}}})
        def ticks_well():
            return StreamingResponse(ticking(), media_type="text/event-stream")

    return app
