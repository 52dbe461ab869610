"""What the generated modules import."""

from enum import Enum
from typing import Optional

from pydantic import BaseModel, Field

LIMIT = 7


class Kind(Enum):
    "How it looks."
    ROUND = "round"
    FLAT = "flat"


class Shape(BaseModel):
    kind: Kind = Kind.ROUND
    parts: list["Shape"] = Field(default_factory=list, description="what it is made of")


class Size(BaseModel):
    width: int = Field(LIMIT, ge=1)
    height: Optional[int] = None
