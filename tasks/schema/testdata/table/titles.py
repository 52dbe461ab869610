"""Titles of generic models show their types as they are spelled."""

import typing
from datetime import date
from typing import Any, Dict, FrozenSet, Generic, List, Optional, Set, Tuple, Type, TypeVar, Union

from pydantic import BaseModel

T = TypeVar("T")


class Box(BaseModel, Generic[T]):
    v: T


def lists(a: Box[List[int]], b: Box[list[int]], c: Box[typing.List[str]]): ...
def dicts(a: Box[Dict[str, List[int]]], b: Box[dict[str, Any]], c: Box[Dict[str, dict[str, date]]]): ...
def sets(a: Box[Set[int]], b: Box[FrozenSet[int]], c: Box[set[int]]): ...
def tuples(a: Box[Tuple[int, str]], b: Box[tuple[int, str]]): ...
def bare(a: Box[List], b: Box[list], c: Box[Dict], d: Box[typing.Text], e: Box[Tuple]): ...
def unions(a: Box[Optional[List[int]]], b: Box[Union[int, Dict[str, int]]], c: Box[list[int] | None]): ...
def types(a: Box[Type[int]], b: Box[type[int]]): ...


class Pair(BaseModel, Generic[T]):
    one: Optional[T] = None
    two: Union[int, T] = 1
    three: List[Optional[T]] = []


class Named(Pair[T], Generic[T]):
    four: Optional[T] = None


def anything(a: Pair[Any], b: Named[Any], c: Pair[Optional[int]], d: Box[Optional[Any]]): ...
def repeated(a: Box[Union[int, int]], b: Box[Optional[Optional[str]]], c: Box[Union[List[int], List[int], None]]): ...
