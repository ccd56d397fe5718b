"""Pages by key: nothing twice, nothing left out, no page after the last."""

from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from web.paging import LONGEST_KEY, KeysetPage, cut, page_of_names, position


@given(st.lists(st.text("abc.", min_size=1, max_size=6), unique=True).map(sorted), st.integers(1, 7))
def test_pages_together_are_the_list(names: list[str], size: int) -> None:
    seen: list[str] = []
    after = ""
    while True:
        page = page_of_names(names, after, size)
        assert len(page) <= size
        seen += page
        if not page.next_after:
            break
        after = page.next_after
    assert seen == names


def test_the_row_too_many_is_not_shown() -> None:
    page = cut(["a", "b", "c"], "", size=2)
    assert list(page) == ["a", "b"]
    assert page.next_after == "b"
    assert page.is_first and not page.is_only
    assert KeysetPage(["a"]).is_only


def test_a_position_that_is_none_is_the_first_page() -> None:
    ask = RequestFactory().get
    assert position(ask("/", {"after": "anna"})) == "anna"
    for bad in ("x" * (LONGEST_KEY + 1), "a\x00b", "a\nb"):
        assert position(ask("/", {"after": bad})) == ""
    assert position(ask("/")) == ""
