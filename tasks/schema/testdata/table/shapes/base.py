from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import TYPE_CHECKING, Literal, Optional, Union

from pydantic import BaseModel, Field

if TYPE_CHECKING:
    from .deep.leaf import Leaf

Mode = Literal["full", "fast"]
Number = Union[int, float]
LIMIT = 5
NAMES = ("a", "b")
DEFAULT_MODE: Mode = "fast"


class Kind(str, Enum):
    ROUND = "round"
    SQUARE = "square"


class Base(BaseModel):
    """A base."""

    kind: Kind = Kind.ROUND
    made: Optional[dt.date] = None
    mode: Mode = DEFAULT_MODE


class Tree(BaseModel):
    left: Optional[Tree] = None
    right: Optional[Tree] = None
    items: list[Item] = Field(default_factory=list)


class Item(BaseModel):
    owner: Optional[Tree] = None
    size: Number = LIMIT
