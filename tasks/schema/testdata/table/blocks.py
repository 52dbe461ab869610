"""Prefect's blocks, and those made from them, as parameters."""

from abc import ABC
from typing import Annotated, Any, Dict, List, Optional, Tuple, Union

from prefect.blocks import abstract
from prefect.blocks.abstract import CredentialsBlock, JobBlock, NotificationBlock
from prefect.blocks.core import Block
from prefect.blocks.system import Secret
from prefect.filesystems import WritableFileSystem
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SecretBytes, SecretStr, field_validator, model_validator


class Bare(Block):
    pass


class Login(Block):
    """
    Logs in to "somewhere".

    Over two paragraphs, the second
        with an indented line.

    Attributes:
        user: not part of the description

    Example:
        ```python
        Login.load("x")
        ```
    """

    _logo_url = "https://example.com/logo.png"
    _token: Optional[str] = PrivateAttr(default=None)

    user: str
    password: SecretStr = Field(default=..., title="Pass", description="the password")
    port: Optional[int] = Field(default=None, ge=1)

    @field_validator("user")
    @classmethod
    def check(cls, value):
        return value

    @model_validator(mode="before")
    @classmethod
    def checked(cls, values):
        return values

    def get(self):
        return self.password


class Named(Block):
    """A docstring that does not count."""

    _description = "What it is for: this."
    _block_type_name = "The Company's 1,000 Things"

    n: int = 3


class Slugged(Named):
    _block_type_slug = "My Slug_2"
    extra: bool = False


class Silent(Block):
    """A docstring."""

    _description = ""
    _block_type_name = ""


class Renamed(Silent):
    """Of its own."""

    _description = None


class Sections(Block):
    """
    Attributes:
        a: first

    Then some text.
    Note: in its midst

    Returns:
        nothing
    """

    a: int


class Noted(Block):
    """Before.
    Args: not a section
        for want of an empty line

    A Title: of an admonition
        with a text

    Behind.
    """


class Fenced(Block):
    """
    ```
    Args:
        a: code

    ```
    Text.
    """


class Inner(BaseModel):
    key: SecretStr
    plain: str = ""
    more: List[SecretBytes] = []


class Secretive(CredentialsBlock):
    """Holds secrets everywhere."""

    one: Union[SecretStr, SecretBytes]
    many: Dict[str, SecretStr] = {}
    nested: Optional[Inner] = None
    deep: List[Tuple[Inner, Optional[SecretStr]]] = []
    hidden: Optional[Annotated[SecretStr, Field(description="behind Annotated")]] = None
    seen: Annotated[SecretStr, Field(description="not behind it")]
    free: Optional[Dict[str, Any]] = None


class Jobs(JobBlock, ABC):
    """Runs."""

    name: str

    def trigger(self): ...
    def fetch_result(self): ...


class Notes(NotificationBlock):
    def notify(self, body, subject=None): ...


class Files(WritableFileSystem):
    basepath: str = "."

    async def write_path(self, path, content): ...


class Data(abstract.DatabaseBlock):
    url: SecretStr


class Strict(Block):
    model_config = ConfigDict(extra="forbid", title="Strictly")
    a: int = 1


class Mixin:
    def helps(self): ...


class Mixed(Block, Mixin):
    a: Optional["Inner"] = None


class Holder(BaseModel):
    login: Login
    logins: Dict[str, Login] = {}


class Outer(Block):
    inner: Login


class Adds(Block):
    model_config = ConfigDict(json_schema_extra={"x": 1})


class Accented(Block):
    _block_type_name = "Çedille"


def bare(a: Bare): ...
def login(a: Login, b: Optional[Login] = None, c: List[Login] = []): ...
def named(a: Named, b: Slugged): ...
def silent(a: Silent, b: Renamed): ...
def described(a: Sections, b: Noted, c: Fenced): ...
def secrets(a: Secretive): ...
def jobs(a: Jobs, b: Notes, c: Files, d: Data): ...
def strict(a: Strict, b: Mixed): ...
def inside(a: Holder): ...
def either(a: Union[Login, Named, str] = "x"): ...
def left_alone(a: Outer, b: Adds, c: Accented, d: Block): ...
def made(a: Named = Named(n=4), b: Slugged = Slugged(), c: Optional[Secretive] = None, d: List[Bare] = [Bare()]): ...
def secret(a: Secret, b: Optional[Secret] = None, c: List[Secret] = []): ...
def secret_of(a: Secret[Any], b: Secret[int], c: Secret[str], d: Secret[Dict[str, Any]], e: Secret[Optional[str]], f: Secret[List[int]]): ...
def secret_too(a: Secret, b: Secret[bool], c: Secret[Inner]): ...
