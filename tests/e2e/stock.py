"""A FastAPI service without a bug, of the features that such services have: nothing is to be found in it."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import uuid
from typing import Annotated, Any, Generic, Literal, TypeVar

from fastapi import APIRouter, Body, Cookie, Depends, FastAPI, Header, HTTPException, Path, Query, Response, status
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse, StreamingResponse
from fastapi.security import APIKeyHeader, HTTPBearer, OAuth2PasswordBearer
from pydantic import AnyUrl, BaseModel, ConfigDict, Field, constr

T = TypeVar("T")


class Colour(enum.StrEnum):
    RED = "red"
    GREEN = "green"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Money(BaseModel):
    amount: decimal.Decimal = Field(ge=0, max_digits=8, decimal_places=2)
    currency: Literal["EUR", "USD"] = "EUR"


class Address(BaseModel):
    street: str
    zip_code: constr(pattern=r"^\d{5}$") | None = None  # type: ignore[valid-type]


class Circle(BaseModel):
    kind: Literal["circle"]
    radius: float = Field(gt=0)


class Square(BaseModel):
    kind: Literal["square"]
    side: int = Field(gt=0)


class Node(BaseModel):
    value: int
    children: list[Node] = []


class NewThing(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    name: str = Field(min_length=1, max_length=50)
    price: Money | None = None
    colour: Colour = Colour.RED
    level: Level | None = None
    tags: set[str] = Field(default=set(), max_length=5)
    pair: tuple[int, str] | None = None
    counts: dict[str, int] = {}
    shape: Annotated[Circle | Square, Field(discriminator="kind")] | None = None
    either: int | list[str] | None = None
    made: dt.datetime | None = None
    day: dt.date | None = None
    clock: dt.time | None = None
    span: dt.timedelta | None = None
    site: AnyUrl | None = None
    address: Address | None = None
    tree: Node | None = None
    anything: Any = None
    alias: str | None = Field(default=None, alias="theAlias")


class Thing(NewThing):
    id: uuid.UUID


class Page(BaseModel, Generic[T]):
    items: list[T]
    total: int = Field(ge=0)


class Problem(BaseModel):
    detail: str


class Filters(BaseModel):
    limit: int = Field(10, ge=1, le=100)
    offset: int = Field(0, ge=0)
    order: Literal["asc", "desc"] = "asc"


MISSING: dict[int | str, dict[str, Any]] = {404: {"model": Problem, "description": "None such"}}
app = FastAPI(title="Stock", version="1.2.3")
things: dict[uuid.UUID, Thing] = {}
router = APIRouter(prefix="/api/v1", tags=["things"])


def known(thing_id: uuid.UUID) -> Thing:
    if thing_id not in things:
        raise HTTPException(404, "None such")
    return things[thing_id]


@router.get("/things")
def list_things(
    filters: Annotated[Filters, Query()],
    q: str | None = None,
    colour: Annotated[list[Colour] | None, Query()] = None,
    since: dt.date | None = None,
    x_trace: Annotated[str | None, Header(max_length=64)] = None,
    session: Annotated[str | None, Cookie()] = None,
) -> Page[Thing]:
    found = [one for one in things.values() if not colour or one.colour in colour]
    return Page(items=found[filters.offset : filters.offset + filters.limit], total=len(things))


@router.post("/things", status_code=201)
def make(thing: NewThing, response: Response) -> Thing:
    made = Thing(id=uuid.uuid4(), **thing.model_dump())
    if len(things) < 500:
        things[made.id] = made
    response.headers["location"] = f"/api/v1/things/{made.id}"
    return made


@router.get("/things/{thing_id}", responses=MISSING)
def read(thing_id: uuid.UUID) -> Thing:
    return known(thing_id)


@router.put("/things/{thing_id}", responses=MISSING)
def change(thing_id: uuid.UUID, thing: NewThing) -> Thing:
    known(thing_id)
    things[thing_id] = Thing(id=thing_id, **thing.model_dump())
    return things[thing_id]


@router.delete("/things/{thing_id}", status_code=204, responses=MISSING)
def drop(thing_id: uuid.UUID) -> None:
    known(thing_id)
    del things[thing_id]


@router.post("/sum")
def total(numbers: Annotated[list[int], Body(max_length=20)], scale: Annotated[float, Body()] = 1.0) -> float:
    return sum(numbers) * scale


@router.get("/ratio/{a}/{b}")
def ratio(a: int, b: Annotated[int, Path(gt=0)]) -> float:
    return a / b if abs(a) < 10**300 else 0.0


@router.get("/files/{name:path}", response_class=PlainTextResponse)
def file(name: str) -> str:
    return name


@router.get("/events", response_class=StreamingResponse, responses={200: {"content": {"text/event-stream": {}}}})
def events() -> StreamingResponse:
    return StreamingResponse((f"data: {n}\n\n" for n in range(10_000_000)), media_type="text/event-stream")


@router.get("/old", deprecated=True, status_code=status.HTTP_307_TEMPORARY_REDIRECT, response_class=RedirectResponse)
def old() -> str:
    return "/api/v1/things"


@router.get("/raw", responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}}})
def raw() -> JSONResponse:
    return JSONResponse({"a": 1})


@router.get("/me", responses={401: {"model": Problem}})
def me(token: Annotated[str, Depends(OAuth2PasswordBearer("token"))]) -> dict[str, str]:
    return {"token": "there"}


@router.get("/keyed")
def keyed(key: Annotated[str, Depends(APIKeyHeader(name="X-Key"))]) -> dict[str, str]:
    return {"key": "there"}


@router.get("/bearer")
def bearer(credentials: Annotated[Any, Depends(HTTPBearer())]) -> dict[str, bool]:
    return {"ok": bool(credentials)}


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


app.include_router(router)
