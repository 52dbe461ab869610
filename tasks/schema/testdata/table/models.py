"""Signatures whose schemas are compared with those that Prefect computes: models."""

from __future__ import annotations
from typing import Annotated, Any, Callable, ClassVar, Generic, Literal, NamedTuple, NotRequired, Optional, Pattern, Required, TypeVar, TypedDict, Union
import datetime, uuid, pathlib, decimal, enum, dataclasses, re
from dataclasses import dataclass, field
from pydantic import AliasChoices, AnyUrl, BaseModel, ConfigDict, Field, RootModel, SecretStr, computed_field, field_validator
from pydantic.dataclasses import dataclass as pdataclass
from enum import Enum, Flag, IntEnum, IntFlag, StrEnum, auto
from typing_extensions import TypedDict
class A1(Enum):
    X = 1
    Y = 1
    Z = 2
class A2(str, Enum):
    x = "x"
class A3(StrEnum):
    Foo = auto()
    Bar = "b"
class A4(IntEnum):
    P = 3
    Q = auto()
class A5(Enum):
    P = auto()
    Q = auto()
class A6(Flag):
    P = auto()
    Q = auto()
class A7(Enum):
    P = (1, 2)
    Q = (3, 4)
class A8(Enum):
    P = "a"
    Q = 1
class A9(Enum):
    P = 1.5
class A10(Enum):
    P = None
class A11(Enum):
    P = "only"
class A12(Enum):
    T = True
    F = False
class A13(IntFlag):
    P = 1
    Q = 2
class TD(TypedDict):
    "docs"
    a: int
    b: NotRequired[str]
class TD2(TD, total=False):
    c: list[TD]
    d: Required[Optional[int]]
class NT(NamedTuple):
    "my doc"
    a: int
    b: str = "x"
    c: A1 = A1.X
@dataclass
class D:
    "D doc"
    a: int
    b: list[int] = field(default_factory=list)
    c: int = field(default=3, metadata={"x": 1})
    d: A1 = A1.X
    e: ClassVar[int] = 3
@dataclass
class D2(D):
    f: int = 3
    a: str
    g: int = field(init=False, default=3)
    h: int = field(default=1, init=True, repr=False, kw_only=True)
@pdataclass
class PD:
    a: int = Field(3, ge=1, description="x")
    b: Annotated[int, Field(ge=1)] = 3
class Node(BaseModel):
    v: int
    next: Optional[Node] = None
class P(BaseModel):
    c: list[C]
class C(BaseModel):
    p: Optional[P] = None
class Base(BaseModel):
    "Base doc"
    model_config = ConfigDict(extra="forbid", title="BB")
    a: int
    b: str = "x"
class Sub(Base):
    c: int = 3
    a: str
class F(BaseModel):
    """F doc

    more
    """
    a: int = Field(..., ge=1, lt=5, description="ad", title="AT", examples=[2])
    b: str = Field("x", alias="bB", min_length=1)
    c: list[int] = Field(default_factory=list, max_length=3)
    d: Annotated[int, Field(gt=2)] = Field(3, lt=9, description="dd")
    e: Optional[int] = Field(None, ge=0)
    f: int = Field(validation_alias="ff", default=1)
    g: int = Field(validation_alias=AliasChoices("g1","g2"), default=1)
    h: int = Field(serialization_alias="hh", default=1)
    i: A1 = Field(A1.X, description="id")
    j: A1 = Field(description="jd", title="JT")
    k: Optional[A1] = None
    l: int = Field(3, json_schema_extra={"q": 1}, deprecated=True)
    m: int = Field(3, exclude=True, repr=False, frozen=True)
    n: dict[str, Base] = {}
    o: tuple[int, str] = (1, "x")
    p: set[int] = {3, 1}
    q: Any = None
    r: Any
    s: datetime.datetime = datetime.datetime(2020,1,1)
    _t: int = 3
    u: ClassVar[int] = 3
    v: SecretStr = SecretStr("xx")
    w: float = Field(1, multiple_of=0.5)
    x: Literal["a"] = "a"
    y: Union[int, str] = Field(3, union_mode="left_to_right")
    z1_foo_bar2: bytes = b"x"
    aHTTPUrl: int = 3
class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
class Dog(BaseModel):
    kind: Literal["dog"] = "dog"
class Pet(BaseModel):
    pet: Union[Cat, Dog] = Field(discriminator="kind")
T = TypeVar("T"); U = TypeVar("U"); TB = TypeVar("TB", bound=int); TC=TypeVar("TC", int, str)
class Pair(BaseModel, Generic[T, U]):
    a: T
    b: list[U]
class IntPair(Pair[int, str]):
    c: int = 1
class Bnd(BaseModel, Generic[TB, TC]):
    a: TB
    b: TC
class RM(RootModel[list[int]]):
    "root doc"
class RM2(RootModel):
    root: dict[str, int]
class Outer(BaseModel):
    class Inner(BaseModel):
        x: int
    i: Inner
    class E(Enum):
        A = 1
    e: E = E.A
class Val(BaseModel):
    a: int
    @field_validator("a")
    def _v(cls, v): return v
    @field_validator("a", mode="before")
    def _w(cls, v): return v
    @computed_field
    def z(self) -> int: return 1
class Plain: pass
class Arb(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    a: Plain
class Cfg(BaseModel):
    class Config:
        extra = "allow"
        title = "zz"
    a: int
class WithInit(BaseModel, extra="forbid"):
    a: int

def f1(a: A1): ...

def f2(a: A2): ...

def f3(a: A2 = A2.x): ...

def f4(a: A3): ...

def f5(a: A4): ...

def f6(a: A4 = A4.Q): ...

def f7(a: A5): ...

def f8(a: A6): ...

def f9(a: A6 = A6.P): ...

def f10(a: A7): ...

def f11(a: A7 = A7.P): ...

def f12(a: A8): ...

def f13(a: A9): ...

def f14(a: A10): ...

def f15(a: A11): ...

def f16(a: A12): ...

def f17(a: A13): ...

def f18(a: TD): ...

def f19(a: TD2): ...

def f20(a: NT): ...

def f21(a: NT = NT(1)): ...

def f22(a: D): ...

def f23(a: D2): ...

def f24(a: D = D(1, [2])): ...

def f25(a: PD): ...

def f26(a: PD = PD()): ...

def f27(a: Node): ...

def f28(a: Node = Node(v=1)): ...

def f29(a: P): ...

def f30(a: C): ...

def f31(a: Base): ...

def f32(a: Sub): ...

def f33(a: F): ...

def f34(a: F = F(a=2, bB="q", r=3, j=A1.Z)): ...

def f35(a: Pet): ...

def f36(a: Pair[int, str]): ...

def f37(a: Pair[int, dict[str, A1]]): ...

def f38(a: Pair): ...

def f39(a: IntPair): ...

def f40(a: Bnd): ...

def f41(a: Bnd[int, str]): ...

def f42(a: RM): ...

def f43(a: RM = RM([1])): ...

def f44(a: RM2): ...

def f45(a: Outer): ...

def f46(a: Outer.Inner): ...

def f47(a: Val): ...

def f48(a: Arb): ...

def f49(a: Cfg): ...

def f50(a: WithInit): ...

def f51(a: Annotated[Union[Cat, Dog], Field(discriminator="kind")]): ...

def f52(a: list[Annotated[Union[Cat, Dog], Field(discriminator="kind")]]): ...

def f53(a: datetime.datetime = datetime.datetime(2020, 1, 2, 3, 4, 5)): ...

def f54(a: datetime.datetime = datetime.datetime(2020, 1, 2, 3, 4, 5, 678)): ...

def f55(a: datetime.datetime = datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone.utc)): ...

def f56(a: datetime.datetime = datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone(datetime.timedelta(hours=-5)))): ...

def f57(a: datetime.date = datetime.date(2020, 1, 2)): ...

def f58(a: datetime.time = datetime.time(1, 2)): ...

def f59(a: datetime.time = datetime.time(1, 2, 3, 4)): ...

def f60(a: datetime.timedelta = datetime.timedelta(days=1)): ...

def f61(a: datetime.timedelta = datetime.timedelta(hours=1, minutes=30)): ...

def f62(a: datetime.timedelta = datetime.timedelta(seconds=-90)): ...

def f63(a: datetime.timedelta = datetime.timedelta(milliseconds=1500)): ...

def f64(a: datetime.timedelta = datetime.timedelta(days=400, seconds=3)): ...

def f65(a: datetime.timedelta = datetime.timedelta(0)): ...

def f66(a: datetime.timedelta = datetime.timedelta(weeks=2)): ...

def f67(a: pathlib.Path = pathlib.Path("a/b")): ...

def f68(a: pathlib.Path = pathlib.Path("a//b/./c/")): ...

def f69(a: pathlib.Path = pathlib.Path("a") / "b"): ...

def f70(a: pathlib.Path = pathlib.Path()): ...

def f71(a: decimal.Decimal = decimal.Decimal("1.50")): ...

def f72(a: decimal.Decimal = decimal.Decimal(3)): ...

def f73(a: decimal.Decimal = decimal.Decimal("1e3")): ...

def f74(a: uuid.UUID = uuid.UUID("12345678123456781234567812345678")): ...

def f75(a: uuid.UUID = None): ...

def f76(a: bytes = b"ab"): ...

def f77(a: bytes = b"\xff"): ...

def f78(a: float = float("inf")): ...

def f79(a: float = 1e400): ...

def f80(a: set = {3, 1, 2}): ...


def f82(a: set = set()): ...

def f83(a: frozenset = frozenset({2,1})): ...

def f84(a: tuple = (1, "x")): ...

def f85(a: list = [A1.X, datetime.date(2020,1,1)]): ...



def f88(a: dict = dict(a=1)): ...

def f89(a: list = list()): ...

def f90(a: SecretStr = SecretStr("x")): ...

def f91(a: int = 10**30): ...

def f92(a: int = 0x10): ...

def f93(a: float = 1): ...

def f94(a: float = 1e20): ...

def f95(a: int = True): ...

def f96(a: complex = 1j): ...

def f97(a: Plain = Plain()): ...

def f98(a: list = [Plain()]): ...

def f99(a: Callable = len): ...

def f100(a: type = int): ...

def f101(a: re.Pattern = re.compile("x")): ...

def f102(a: Any = object()): ...

def f103(a: str = A2.x): ...

def f104(a: str = A2.x.value): ...

def f105(a: Literal[A1.X] = A1.X): ...

def f106(a: Optional[A1] = A1.Z): ...

def f107(a: AnyUrl = AnyUrl("http://x.y")): ...

def f108(a: AnyUrl = "http://x.y"): ...
