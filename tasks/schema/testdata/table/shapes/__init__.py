from .base import Base, Kind
from .deep.leaf import Leaf as Branch
from shapes import base as module
