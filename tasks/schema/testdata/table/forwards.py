"""Names in quotes."""

from typing import TYPE_CHECKING, List, Optional, Union

from pydantic import BaseModel

if TYPE_CHECKING:
    from decimal import Decimal as Money


class Later(BaseModel):
    then: "Optional[Later]" = None
    other: "Even" = None


class Even(BaseModel):
    back: Optional["Later"] = None


def whole(a: "Later", b: "Optional[Later]" = None, c: "int" = 3, d: "List[Later]" = []): ...
def inside(a: Optional["Later"], b: List["int"], c: Union["str", int] = 3, d: "List['int']" = [], e: "List['Later']" = []): ...
def missing(a: "Money", b: "Later", c: int = 3, d: Optional[int] = None, e: "int" = 3, f: "Optional[int]" = None): ...
def spaced(a: " int ", b: "(int)", c: "int | None" = None): ...
