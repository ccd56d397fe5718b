"""Signing in again before something dangerous: `web.confirm`, which every app may use."""

from web.confirm import confirmed, is_fresh, needs_confirmation

__all__ = ["confirmed", "is_fresh", "needs_confirmation"]
