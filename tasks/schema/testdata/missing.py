"""Stands in for the modules that are not installed."""

import importlib.abc
import importlib.machinery
import types


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


class Missing(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the modules that nothing else finds, outside of Prefect."""

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"prefect", "loaded"} or name.startswith("_"):
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        module = types.ModuleType(spec.name)
        module.__getattr__ = lambda name: Anything() if not name.startswith("__") else (_ for _ in ()).throw(AttributeError(name))
        return module

    def exec_module(self, module): ...
