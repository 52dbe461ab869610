from dataclasses import dataclass, field
from typing import Optional

from shapes.base import Base, Kind, Mode
from .. import base


@dataclass
class Leaf:
    """A leaf."""

    name: str
    kind: Kind = Kind.SQUARE
    mode: Mode = "full"
    base: Optional[Base] = None
    tags: dict[str, "int"] = field(default_factory=dict)


class Wide(base.Base):
    width: base.Number
