"""The bits of pw_gid, one by one."""

from hypothesis import given
from hypothesis import strategies as st

from vpopmail import flags

GID = st.integers(0, 2**31 - 1)


def test_every_letter_of_vmoduser_has_its_bit() -> None:
    order = "dpwibru0123saofFSEm"
    expected = {letter: 1 << place for place, letter in enumerate(order)}
    assert {flag.letter: flag.bit for flag in flags.FLAGS} == expected
    assert len({flag.name for flag in flags.FLAGS}) == len(flags.FLAGS)


@given(GID)
def test_letters_round_trip(gid: int) -> None:
    assert flags.of_letters(flags.letters(gid)) == gid & flags.KNOWN
    assert sum(flag.bit for flag in flags.flags_in(gid)) == gid & flags.KNOWN


@given(GID, GID, GID)
def test_merging_keeps_every_other_bit(gid: int, on: int, off: int) -> None:
    merged = flags.merged(gid, on, off)
    assert merged & on == on
    assert merged & ~(on | off) == gid & ~(on | off)
    assert merged & off & ~on == 0


def test_limits_add_bits_unless_overridden() -> None:
    limits = {"disable_pop": 1, "disable_imap": 0, "delete_spam": 1}
    assert flags.effective(0x8, limits) == 0x8 | 0x2 | 0x8000
    assert flags.effective(flags.OVERRIDE_LIMITS, limits) == flags.OVERRIDE_LIMITS
