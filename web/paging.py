"""Pages of long lists by key: `?after=KEY`, one row more than shown is fetched to know whether there is a
next page, never OFFSET.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.http import HttpRequest

Row = TypeVar("Row")
PAGE_SIZE = 50
LONGEST_KEY = 255


@dataclass(frozen=True, slots=True)
class KeysetPage(Generic[Row]):
    """The rows of one page. `after` is the key this page began behind ("" on the first page);
    `next_after` begins the next, "" on the last.
    """

    rows: Sequence[Row]
    next_after: str = ""
    after: str = ""

    @property
    def is_first(self) -> bool:
        return not self.after

    @property
    def is_only(self) -> bool:
        return not self.after and not self.next_after

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def position(request: HttpRequest, parameter: str = "after") -> str:
    """The key that the wanted page begins behind; what cannot be a key counts as the first page."""
    key = request.GET.get(parameter, "")
    return key if len(key) <= LONGEST_KEY and key.isprintable() else ""


def cut(
    rows: Sequence[Row], after: str, key: Callable[[Row], object] = str, size: int = PAGE_SIZE
) -> KeysetPage[Row]:
    """A page from up to `size + 1` fetched rows, ordered by `key`."""
    shown = rows[:size]
    more = len(rows) > size
    return KeysetPage(shown, str(key(shown[-1])) if more else "", after)


def page_of_names(names: Sequence[str], after: str, size: int = PAGE_SIZE) -> KeysetPage[str]:
    """A page of a sorted list in memory, as the domains of the assign file are."""
    start = bisect_right(names, after) if after else 0
    return cut(names[start : start + size + 1], after, size=size)
