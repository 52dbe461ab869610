import datetime
import typing
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum, auto
from pathlib import Path
from typing import Annotated, Any, Callable, Dict, Generic, Iterable, List, Literal, Mapping, NamedTuple, NewType, Optional, Sequence, Text, TypeVar, Union
from uuid import UUID

import shared
from pendulum import DateTime
from prefect.blocks.core import Block
from prefect.blocks.system import Secret
from pydantic import AnyUrl, BaseModel, ConfigDict, EmailStr, Field, HttpUrl, Json, PositiveInt, SecretStr, conint
from typing_extensions import NotRequired, TypedDict

LIMIT = 5
NAME = "name"
Mode = Literal["full", "fast"]
Level = Union[Mode, int]
MaybeInt = Optional[int]
UserId = NewType("UserId", int)
Short = Annotated[str, Field(max_length=3)]
T = TypeVar("T")


class Plain:
    pass


class Color(Enum):
    RED = "red"
    BLUE = "blue"


class Number(IntEnum):
    ONE = 1
    TWO = auto()


class Weekday(StrEnum):
    """A day."""

    MONDAY = auto()
    FRIDAY = "fri"


class Leaf(BaseModel):
    """A leaf."""

    x: int = 1
    color: Color = Color.RED


class Node(BaseModel):
    v: int
    next: "Optional[Node]" = None
    leaf: Leaf = Leaf(x=2)


class Deep(Node):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    names: dict[str, list[Leaf]] = {}
    mode: Mode = "full"
    size: Annotated[int, Field(ge=1)] = Field(3, description="how big", alias="Size")
    when: Optional[datetime.date] = None


class Wide(Leaf):
    x: str = "x"
    many: list[Short] = Field(default_factory=list, max_length=5)


class Box(BaseModel, Generic[T]):
    """A box."""

    content: T
    more: list[T] = []


class Pair(Box[T], Generic[T]):
    other: Optional[T] = None


class Sized(BaseModel):
    width: Optional[int] = None
    x: str = "y"


class Merged(Leaf, Sized):
    """Of two."""


class Login(Block):
    """
    Logs in.

    Attributes:
        name: who
    """

    name: str
    key: SecretStr = Field(default=SecretStr("k"), description="the key")
    old: Optional[dict[str, SecretStr]] = None


@dataclass
class Point:
    x: int
    y: float = 0.5
    tags: list[str] = field(default_factory=list)


class Row(NamedTuple):
    name: str
    n: int = 1


class Entry(TypedDict):
    "An entry."
    key: str
    n: NotRequired[int]


