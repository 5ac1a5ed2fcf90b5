"""What Pydantic v2 and FastAPI print, compared by what it means."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, create_model

from zeues_contracts.schema import Context, contains
from zeues_contracts.schema.types import Dialect, Proven, Refuted, Resource
from zeues_contracts.schema.validators import confirm


class Color(StrEnum):
    RED = "red"
    BLUE = "blue"


class More(StrEnum):
    RED = "red"
    BLUE = "blue"
    GREEN = "green"


class Red(StrEnum):
    RED = "red"


class Point(BaseModel):
    x: int
    y: int = 0


class Point3(Point):
    z: int = 0


class PointNeedsZ(Point):
    z: int


class StrictPoint(Point):
    model_config = ConfigDict(extra="forbid")


class StrictPoint3(Point3):
    model_config = ConfigDict(extra="forbid")


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = Field(9, ge=0, le=9)


class WildCat(BaseModel):
    kind: Literal["cat"]
    lives: int = Field(9, ge=0)


class Dog(BaseModel):
    kind: Literal["dog"]
    name: str = Field(min_length=1)


class Bird(BaseModel):
    kind: Literal["bird"]


class Tree(BaseModel):
    value: int
    kids: list[Tree] = []


class WideTree(BaseModel):
    value: int | None
    kids: list[WideTree] = []


class Served(BaseModel):
    model_config = ConfigDict(json_schema_serialization_defaults_required=True)
    x: int
    y: int = 0


def owner(pet: Any) -> Any:
    return create_model("Owner", pet=(pet, ...), pets=(list[pet] | None, None))


# the first is contained in the second; whether the second is contained in the first
PAIRS: list[tuple[Any, Any, bool]] = [
    (int, float, False),
    (str, str | None, False),
    (Color, More, False),
    (Red, Literal["red"], True),
    (Color, Literal["blue", "red"], True),
    (Literal["red"], Color, False),
    (Color, str, False),
    (bool, bool | None, False),
    (list[int], list[float], False),
    (set[int], list[int], False),
    (tuple[int, int], list[int], False),
    (tuple[int, str], tuple[float, str], False),
    (tuple[int, ...], list[int], True),
    (dict[str, int], dict[str, float], False),
    (dict[Literal["a", "b"], int], dict[str, int], False),
    (Annotated[int, Field(ge=1)], Annotated[int, Field(gt=0)], True),
    (Annotated[int, Field(ge=1, le=5)], Literal[1, 2, 3, 4, 5], True),
    (Annotated[float, Field(ge=0, multiple_of=0.5)], Annotated[float, Field(multiple_of=0.25)], False),
    (
        Annotated[str, StringConstraints(min_length=2, max_length=4)],
        Annotated[str, StringConstraints(min_length=1)],
        False,
    ),
    (Annotated[str, StringConstraints(pattern=r"^[a-z]{3}$")], Annotated[str, StringConstraints(min_length=3)], False),
    (Annotated[list[int], Field(min_length=2)], Annotated[list[int], Field(min_length=1)], False),
    (Decimal, Decimal | None, False),
    (date, str, True),  # a format is an annotation
    (timedelta, str, True),
    (Point3, Point, False),
    (PointNeedsZ, Point3, False),
    (StrictPoint, StrictPoint3, False),
    (StrictPoint, Point, False),
    (StrictPoint, Point3, False),
    (Point, dict[str, Any], False),
    (Cat, WildCat, False),
    (Tree, WideTree, False),
    (list[Tree], list[WideTree], False),
    (Cat | Dog, Dog | Cat, True),
    (Cat | Dog, Dog | WildCat | Bird, False),
    (Annotated[Cat | Dog, Field(discriminator="kind")], Cat | Dog, True),
    (
        Annotated[Cat | Dog, Field(discriminator="kind")],
        Annotated[Dog | Bird | WildCat, Field(discriminator="kind")],
        False,
    ),
    (
        owner(Annotated[Cat | Dog, Field(discriminator="kind")]),
        owner(Annotated[Dog | Bird | WildCat, Field(discriminator="kind")]),
        False,
    ),
    (Cat | None, WildCat | Dog | None, False),
    (dict[str, list[Cat | None]], dict[str, list[WildCat | None]], False),
]


def schema(kind: Any) -> Any:
    return Resource(TypeAdapter(kind).json_schema()).schema()


@pytest.mark.parametrize("number", range(len(PAIRS)))
def test_a_pair_of_types(number: int) -> None:
    one, other, equal = PAIRS[number]
    sub, sup = schema(one), schema(other)
    context = Context()
    assert contains(sub, sup, context) == Proven()
    back = contains(sup, sub, context)
    assert isinstance(back, Proven if equal else Refuted), back
    if isinstance(back, Refuted):
        assert confirm(sup, sub, back.witness) == ""
        assert back.explanation is not None
        # What Pydantic itself says of the witness, where it reads JSON as its schema says (and is not lax about it).
        TypeAdapter(other).validate_python(back.witness)


def test_one_model_in_two_modes() -> None:
    """A default makes a property optional on the way in and required on the way out (FastAPI's -Input and -Output)."""
    adapter = TypeAdapter(Served)
    inward = Resource(adapter.json_schema(mode="validation")).schema()
    outward = Resource(adapter.json_schema(mode="serialization")).schema()
    assert contains(outward, inward) == Proven()
    answer = contains(inward, outward)
    assert isinstance(answer, Refuted)
    assert answer.witness == {"x": 0}


def test_a_fastapi_document_against_its_next_release() -> None:
    from fastapi import FastAPI

    def application(pet: Any, limit: int) -> dict[str, Any]:
        app = FastAPI()
        model = owner(pet)

        def create(body: Any, page: Any = 1) -> Any:
            return body

        # This module's annotations are texts, which know nothing of a model that is made here.
        create.__annotations__ |= {"body": model, "page": Annotated[int, Field(le=limit)]}
        app.post("/owners", response_model=model)(create)
        return app.openapi()

    old = Resource(application(Cat | Dog, 10), Dialect.OPENAPI_3_1)
    new = Resource(application(WildCat | Dog | Bird, 20), Dialect.OPENAPI_3_1)
    context = Context()
    body = "/paths/~1owners/post/requestBody/content/application~1json/schema"
    answer_place = "/paths/~1owners/post/responses/200/content/application~1json/schema"
    page = "/paths/~1owners/post/parameters/0/schema"
    for place in (body, answer_place, page):
        assert contains(old.schema(place), new.schema(place), context) == Proven()
        assert isinstance(contains(new.schema(place), old.schema(place), context), Refuted)
    refuted = contains(new.schema(page), old.schema(page), context)
    assert isinstance(refuted, Refuted)
    assert refuted.witness == 11


def test_a_version_1_document_of_openapi_3_0_means_the_same() -> None:
    """Pydantic 1 printed `nullable`-less optionals, `allOf` around references and one-value enums."""
    old = {
        "components": {
            "schemas": {
                "Color": {"title": "Color", "enum": ["red", "blue"], "type": "string"},
                "Item": {
                    "title": "Item",
                    "type": "object",
                    "required": ["color", "kind", "size"],
                    "properties": {
                        "color": {"allOf": [{"$ref": "#/components/schemas/Color"}], "title": "Color"},
                        "kind": {"title": "Kind", "enum": ["item"], "type": "string"},
                        "size": {"title": "Size", "exclusiveMinimum": True, "minimum": 0, "type": "number"},
                    },
                },
            }
        }
    }
    new = {
        "components": {
            "schemas": {
                "Color": {"type": "string", "enum": ["blue", "red"]},
                "Item": {
                    "type": "object",
                    "required": ["kind", "color", "size"],
                    "properties": {
                        "size": {"type": "number", "exclusiveMinimum": 0.0},
                        "color": {"$ref": "#/components/schemas/Color", "description": "what it looks like"},
                        "kind": {"const": "item", "type": "string"},
                    },
                },
            }
        }
    }
    one = Resource(old, Dialect.OPENAPI_3_0).schema("/components/schemas/Item")
    other = Resource(new, Dialect.OPENAPI_3_1).schema("/components/schemas/Item")
    assert contains(one, other) == Proven()
    assert contains(other, one) == Proven()
