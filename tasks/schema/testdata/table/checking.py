"""Names that only type checkers see: Prefect evaluates all annotations that are texts, or none."""

from __future__ import annotations

import typing
from typing import TYPE_CHECKING, Optional

from pydantic import BaseModel

if TYPE_CHECKING:
    import pandas as pd
    from shapes.base import Base


class Model(BaseModel):
    x: int = 1


def fine(a: Model, b: Optional[int] = None, c: "Model" = Model()): ...
def lost(a: pd.DataFrame, b: Optional[int] = None, c: typing.Optional[int] = None, d: int = 3, e: list[int] = [], f: Model = Model(), g: dict[str, str] = {}): ...
def own(a: Base, b: int | None = None, c: str = "x", d: typing.Literal["a", "b"] = "a"): ...
def result(a: int, b: Optional[str] = None) -> pd.DataFrame: ...
def known(a: int, b: Optional[str] = None) -> Model: ...
