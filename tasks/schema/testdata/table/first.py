"""Signatures whose schemas are compared with those that Prefect computes."""

import datetime
import typing
from typing import Any, Dict, List, Literal, Optional, Union

LIMIT = 5


def nothing(): ...


def plain(a: str, b: int, c: float, d: bool, e: None, f: Any, g: list, h: dict): ...


def untyped(a, b=1, c="x", d=None, e=[1, 2], f={"k": [True, None]}): ...


def defaults(a: str = "text", b: int = -3, c: float = 1.5, d: bool = False, e: list = [], f: dict = {}, g: float = 2): ...


def optional(a: Optional[str], b: Optional[int] = None, c: str | None = None, d: "str | None" = None, e: None | int = 3): ...


def unions(a: Union[int, str], b: int | str | float = 1, c: Union[int, Optional[str]] = None, d: Union[int, int] = 1, e: Optional[Optional[bool]] = None): ...


def containers(
    a: list[str],
    b: List[int] = [1],
    c: dict[str, int] = {},
    d: Dict[str, Any] = {},
    e: list[dict[str, list[float]]] = [],
    f: Optional[list[str]] = None,
    g: dict[str, Optional[int]] = {},
    h: list[Any] = [],
): ...


def qualified(a: typing.Optional[int] = None, b: typing.List[str] = [], c: typing.Any = None): ...


def kinds(a: int, /, b: str, *, c: bool, d: float = 1.0): ...


def collected(a: int, *args, **kwargs): ...


def beyond(a: Literal["x", "y"] = "x", b: datetime.date = datetime.date(2024, 1, 1), c: int = LIMIT, d: dict[int, str] = {}, e: tuple[int, int] = (1, 2)): ...


async def asynchronous(a: int = 1): ...


def google(name: str, count: int = 3, note: str = "", *, last: bool = True, other=None):
    """Say something.

    More text with a colon: and more.

    Args:
        name: Who is meant.
        count (int, optional): How often. This goes on
            in the next line,
          and in an oddly indented one.

            After an empty line.
        note:Without a space
        last: A text: with a colon.
        unknown: Of no parameter.
        no pair here

    Returns:
        Nothing.
    """


def arguments(a: int = 1, b: int = 2):
    """
    Arguments:
      a: Two spaces in.
        More of it.
      b:
        On the next line.
    """


def twice(a: int = 1, b: int = 2):
    """Two sections: the last one counts.

    Params:
        a: First.

    Parameters:
        b: Second.
    """


def missed(a: int = 1):
    """No empty line above.
    Args:
        a: Not read.
    """


def apart(a: int = 1):
    """An empty line below.

    Args:

        a: Not read.
    """


def fenced(a: int = 1):
    """Code is no section.

    ```python

    Args:
        a: Not read.
    ```

    Note: an admonition
        with text

    Args:
        a: Read.
    """


def titled(a: int = 1, b: int = 2):
    """Titles.

    ARGS: With a title
        a: Text
        (b): Odd
        b : Space before the colon
    Raises:
        ValueError: b
    """


def numpy(a: int = 1):
    """Other styles are not read.

    Parameters
    ----------
    a : int
        Not read.

    :param a: Not read either.
    """


def tabs(a: int = 1):
    """Tabs.

	Args:
		a: Indented by tabs.
    """


def single(a: int = 1):
    "Args:\n    a: In one line."


def empty(a: int = 1):
    """Args:
        a:
    """
