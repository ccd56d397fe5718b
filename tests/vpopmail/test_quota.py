"""Quotas: people's words, vpopmail's text, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpopmail import quota


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("2G", "2147483648S"),
        ("2 GB", "2147483648S"),
        ("2gib", "2147483648S"),
        ("500MB", "524288000S"),
        ("10M", "10485760S"),
        ("10m", "10485760S"),
        ("1.5 GB", "1610612736S"),
        ("5000", "5000S"),
        ("5000S", "5000S"),
        ("10MBS", "10485760S"),
        ("10000S,500C", "10000S,500C"),
        ("20MB,1000C", "20971520S,1000C"),
        ("20 MB, 1000 messages", "20971520S,1000C"),
        ("1000C", "1000C"),
        ("0S,5C", "5C"),
        ("NOQUOTA", "NOQUOTA"),
        ("noquota", "NOQUOTA"),
        ("unlimited", "NOQUOTA"),
        (" 1K ", "1024S"),
        ("512 bytes", "512S"),
    ],
)
def test_parse(text: str, stored: str) -> None:
    assert quota.parse_quota(text) == stored


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "garbage",
        "-5",
        "2 Q",
        "1,5 GB",
        "5C,6C",
        "10M,10M",
        "1.5",
        "10 M B",
        "٣GB",
        "9" * 21,
        "99999999T",
        "²GB",
        "1e5",
        "0C",
        ",",
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(quota.BadQuota) as refusal:
        quota.parse_quota(text)
    assert str(refusal.value).endswith((".", "!"))


@pytest.mark.parametrize(
    ("stored", "size", "messages", "words"),
    [
        ("NOQUOTA", 0, 0, "No limit"),
        ("", 0, 0, "No limit"),
        ("10485760S", 10485760, 0, "10 MB"),
        ("1610612736S,500C", 1610612736, 500, "1.5 GB, 500 messages"),
        ("1C", 0, 1, "1 message"),
        ("5000", 5000, 0, "4.9 KB"),
        ("2S", 2, 0, "2 bytes"),
        ("10M", 10485760, 0, "10 MB"),
        ("rubbish", 0, 0, "No limit"),
    ],
)
def test_stored_texts(stored: str, size: int, messages: int, words: str) -> None:
    assert (quota.bytes_of(stored), quota.messages_of(stored)) == (size, messages)
    assert quota.describe(stored) == words
    assert quota.is_limited(stored) == bool(size or messages)


@given(st.integers(0, 10**12), st.integers(0, 10**4))
def test_round_trip(size: int, count: int) -> None:
    stored = quota.text_of(size, count)
    assert (quota.bytes_of(stored), quota.messages_of(stored)) == (size, count)
    assert quota.parse_quota(stored) == stored
    assert quota.parse_quota(quota.exact(stored)) == stored
    assert len(stored) <= 20


@given(st.text(max_size=30))
def test_any_text_is_a_quota_or_refused(text: str) -> None:
    try:
        stored = quota.parse_quota(text)
    except quota.BadQuota:
        return
    assert quota.parse_quota(stored) == stored and len(stored) <= 20 and stored
