"""The engines, and which one the settings name."""

from functools import cache

from vpopmail.engines.base import Engine


@cache
def get_engine() -> Engine:
    """The engine that VPOPMAIL_ENGINE names; only `native` exists."""
    from vpopmail.engines.native import NativeEngine

    return NativeEngine()
