"""Rules that meet."""

import datetime
import enum
import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, Final, Generic, List, Literal, NewType, Optional, TypeVar, Union

from annotated_types import Ge, Len
from pydantic import (
    BaseModel, ConfigDict, Field, PrivateAttr, SecretStr, StringConstraints, condecimal, conlist, field_validator, model_validator,
)
from typing_extensions import TypedDict

try:
    from typing import Self
except ImportError:
    from typing_extensions import Self

T = TypeVar("T")
K = TypeVar("K")
Name = NewType("Name", str)
Names = List[Name]
ShortName = Annotated[Name, Field(max_length=5)]
Percent = Annotated[float, Field(ge=0, le=100, description="per cent")]
Choice = Literal["a", "b"]
More = Literal[Choice, "c"]
HOUR: Final = 3600
A_DAY = 24 * HOUR
START = datetime.date(2024, 1, 1)
ROUTE = "x" + "y"


class Animal(BaseModel):
    """An animal."""

    model_config = ConfigDict(title="Beast", extra="allow")
    name: str = "x"
    _hidden: int = PrivateAttr(3)

    @property
    def shout(self) -> str:
        return self.name

    class Config2:
        a = 1


class Cat(Animal):
    kind: Literal["cat"] = "cat"
    lives: int = Field(9, ge=0, title="Lives left", examples=[1, 9])


class Dog(Animal):
    kind: Literal["dog", "puppy"] = "dog"
    friends: list["Animal"] = []


class Owner(BaseModel):
    pet: Union[Cat, Dog] = Field(discriminator="kind")
    other: Optional[Union[Cat, Dog]] = Field(None, discriminator="kind", description="another")
    many: list[Annotated[Union[Cat, Dog], Field(discriminator="kind")]] = Field(default_factory=list)
    when: date = START
    wait: timedelta = timedelta(seconds=HOUR)
    share: Percent = 50
    shares: dict[str, Percent] = {}
    made: Annotated[int, Field(default_factory=int)]
    title_: str = Field("t", title="")
    empty: str = Field("", description="")
    both: Annotated[str, Field(description="one")] = Field("x", description="two", min_length=1)
    lazy: list[int] = Field(default_factory=lambda: [1])
    none: None = None
    secret: Optional[SecretStr] = None
    any_: Any = None


class Validated(BaseModel):
    a: int = 1

    @field_validator("a", mode="after")
    @classmethod
    def _a(cls, v):
        return v

    @model_validator(mode="after")
    def _all(self):
        return self


class Page(BaseModel, Generic[T]):
    items: list[T]
    next: Optional[int] = None


class Keyed(Page[T], Generic[K, T]):
    key: K


class IntPage(Page[int]):
    more: bool = False


class Book(BaseModel):
    pages: Page[str]
    index: Page["Animal"]


@dataclass
class Base:
    "Base."
    a: int
    b: Optional[str] = None


@dataclass(kw_only=True)
class Derived(Base):
    c: list[Base] = field(default_factory=list)
    d: Base = field(default_factory=lambda: Base(1))
    e: "Optional[Derived]" = None


class Options(TypedDict, total=False):
    a: int
    b: Annotated[str, Field(min_length=1)]


class Priority(enum.IntEnum):
    """How soon.

    Or later.
    """

    LOW = 1
    HIGH = enum.auto()

    @property
    def word(self):
        return self.name


class Where:
    BASE = "base"
    LIMIT = 7

    class Inner(BaseModel):
        x: int = 1


def constrained(
    a: Annotated[Mapping[str, int], Field(min_length=1)],
    b: Annotated[Sequence[int], Len(1, 3)],
    c: Annotated[Decimal, Field(ge=1, max_digits=3)],
    d: condecimal(gt=1),
    e: conlist(int, min_length=1, max_length=2),
    f: Annotated[Optional[str], Field(pattern="^x")],
    g: Annotated[Optional[Decimal], Ge(1)],
    h: list[Annotated[str, StringConstraints(min_length=1, pattern="x")]],
    i: ShortName,
    j: Optional[Percent] = None,
    k: Percent = 3,
    l: Annotated[Percent, Field(lt=7)] = 3,
    m: Annotated[dict[str, int] | None, Field(max_length=2)] = None,
    n: Annotated[bytes, Field(min_length=1)] = b"",
    o: Annotated[set[int], Field(max_length=2)] = set(),
    p: Annotated[timedelta, Field(gt=timedelta(0))] = timedelta(minutes=1),
): ...


def aliases(a: Name, b: Names, c: Choice, d: More, e: Optional[More] = "c", f: t.Optional[t.List[Choice]] = None, g: Union[More, int] = 3): ...
def constants(a: int = HOUR, b: int = A_DAY, c: date = START, d: str = ROUTE, e: str = Where.BASE, f: int = Where.LIMIT, g: timedelta = timedelta(seconds=HOUR)): ...
def ranges(a: list[int] = list(range(1, 13)), b: t.List[int] = list(range(3)), c: tuple[int, ...] = tuple(range(10, 0, -3)), d: list = list((1, "x")), e: tuple = tuple(["a"]), f: list[int] = list(range(5, 5)), g: list[int] = Field(default=list(range(-2, HOUR // HOUR if False else 2))), h: list[int] = Field(list(range(2020, 2026)), description="Years."), i: list[int] = list(range(0, A_DAY, HOUR))): ...
def nested(a: Where.Inner, b: Optional[Where.Inner] = None, c: Where.Inner = Where.Inner(x=2)): ...
def owner(a: Owner): ...
def pets(a: Annotated[Union[Cat, Dog], Field(discriminator="kind")], b: Annotated[Optional[Union[Cat, Dog]], Field(discriminator="kind")] = None, c: Cat = Cat(lives=3), d: Union[Cat, Dog] = Dog()): ...
def animals(a: Animal, b: list[Animal] = [Animal()], c: dict[str, Animal] = {"x": Animal(name="y")}, Beast: Animal = None, d: Optional[Animal] = Animal()): ...
def validated(a: Validated, b: Optional[Validated] = None): ...
def pages(a: Page[int], b: Page[Animal], c: Keyed[str, int], d: IntPage, e: Page, f: Optional[Page[str]] = None, g: Page[Page[int]] = None): ...
def book(a: Book): ...
def classes(a: Base, b: Derived, c: Base = Base(1, "x"), d: Base = Base(a=2), e: Optional[Derived] = None): ...
def options(a: Options, b: Options = {"a": 1}, c: Optional[Options] = None): ...
def priority(a: Priority, b: Priority = Priority.HIGH, c: Priority = Priority(1), d: list[Priority] = [Priority.LOW], e: dict[Priority, int] = {}, f: Literal[Priority.LOW] = Priority.LOW): ...
def fields(
    a: Optional[int] = Field(default=None, description="d"),
    b: int = Field(default=..., description="required"),
    c: Annotated[int, Field(description="lost")] = 3,
    d: Annotated[int, Field(default=3, description="lost")] = 4,
    e: Annotated[int, Field(default_factory=int)] = 3,
    f: Priority = Field(Priority.LOW, description="with a reference"),
    g: Annotated[Priority, Field(description="lost", title="lost")] = Priority.LOW,
    h: str = Field("x", json_schema_extra={"position": 99, "x": [1]}),
    i: Annotated[str, Field(json_schema_extra={"widget": "area"}, examples=["a"])] = "x",
    j: Optional[list[int]] = Field(default_factory=list),
    k: Percent = Field(5, description="own"),
    *,
    l: Annotated[int, Field(default_factory=int)],
    m: Annotated[int, Field(default=3)],
    n: Annotated[int, Field(default_factory=int)] = Field(description="x"),
): ...
def described(a: Percent, b: Priority, c: int = Field(3, description="of the field")):
    """Do.

    Args:
        a: From the docstring.
        b: From the docstring too.
        c: Not this.
    """
def enum_doc(a: Priority):
    """
    Args:
        a: How soon.

            Or later.
    """
