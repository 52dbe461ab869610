"""Stands in for the modules that are not installed."""

import importlib.abc
import importlib.machinery
import os
import sys
import types

from pydantic_core import core_schema


class Anything:
    """Stands for what is not installed: a decorator, a context, a value."""

    def __init__(self, *args, **kwargs): ...

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything()

    def __call__(self, *args, **kwargs):
        return args[0] if len(args) == 1 and not kwargs and callable(args[0]) else Anything()

    def __mro_entries__(self, bases):
        return ()

    def __getitem__(self, key):
        return Anything()

    def __or__(self, other):
        return Anything()

    __ror__ = __or__

    def __get_pydantic_core_schema__(self, *args):
        return core_schema.any_schema()


def wanted_by_flows():
    """Tells whether the module that imports is neither a package nor Python's own: those have ways of their own without the missing one."""
    frame = sys._getframe(2)
    while frame and "importlib" in frame.f_code.co_filename:
        frame = frame.f_back
    file = frame.f_code.co_filename if frame else ""
    return "site-packages" not in file and not file.startswith(os.path.dirname(os.__file__))


class Missing(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the modules that nothing else finds, outside of Prefect."""

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"prefect", "loaded"} or name.startswith("_") or not wanted_by_flows():
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        module = types.ModuleType(spec.name)
        module.__version__ = "1.0"
        module.__getattr__ = lambda name: Anything() if not name.startswith("__") else (_ for _ in ()).throw(AttributeError(name))
        return module

    def exec_module(self, module): ...
