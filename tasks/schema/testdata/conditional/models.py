"""Signatures whose schemas are compared with those that Prefect computes: models of pydantic's first version, perhaps."""

import sys
from typing import List, Optional

import pydantic

try:
    from pydantic.v1 import BaseModel
except ImportError:
    from pydantic import BaseModel

if sys.version_info < (3, 0):
    from pydantic import BaseModel as Either
else:
    from pydantic.v1 import BaseModel as Either

if pydantic.VERSION.startswith("1"):
    import pydantic as p
else:
    import pydantic.v1 as p

try:
    from pydantic import BaseModel as Newer
except ImportError:
    from pydantic.v1 import BaseModel as Newer


class A(BaseModel):
    x: int = 1


class B(Either):
    x: int = 1


class C(p.BaseModel):
    x: int = 1


class D(A):
    y: int = 2


class E(Newer):
    y: int = 2


def first(a: A, n: int = 1, o: Optional[int] = None): ...
def second(b: B, n: int = 1, o: Optional[int] = None): ...
def third(c: C, n: int = 1): ...
def fourth(d: D, n: Optional[int] = None): ...
def inside(d: List[A], n: Optional[int] = None): ...
def optional(d: Optional[B] = None, n: Optional[int] = None): ...
def neither(n: Optional[int] = None, m: int = 3): ...
