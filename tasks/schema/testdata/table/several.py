"""Models that are made from several classes."""

from typing import Optional

from prefect.blocks.core import Block
from pydantic import BaseModel, ConfigDict, Field


class Left(BaseModel):
    """Of the left."""

    model_config = ConfigDict(extra="allow", title="L")
    a: int = 1
    shared: str = Field("left", description="of the left")


class Right(BaseModel):
    model_config = ConfigDict(str_min_length=2)
    shared: int = Field(2, description="of the right")
    b: Optional[str] = None


class Far(BaseModel):
    model_config = ConfigDict(extra="forbid")
    far: str = "x"


class Further(Far):
    further: bool = True


class Mixin:
    limit = 3

    def helps(self): ...


class Both(Left, Right):
    """Of both."""


class Turned(Right, Left):
    b: int = 5


class Three(Left, Further, Right):
    own: str


class Helped(Mixin, Further):
    own: str = ""


class Doubly(Further, Mixin): ...


class Stored(Block):
    """Is stored."""

    place: str


class Named(Block):
    name: str


class Kept(Left, Stored):
    kept: bool


class Known(Stored, Named):
    """Is known."""


class Diamond1(Far):
    one: int = 1


class Diamond2(Far):
    far: int = 2


class Diamond(Diamond1, Diamond2): ...


def both(a: Both, b: Turned): ...
def three(a: Three, b: Optional[Three] = None): ...
def helped(a: Helped, b: Doubly): ...
def blocks(a: Kept, b: Known): ...
def diamond(a: Diamond): ...
