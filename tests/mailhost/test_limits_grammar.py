"""Limits as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailhost import limitsfile
from tests import recorded

VALUES = st.fixed_dictionaries(
    {
        **{name: st.integers(-1, 2**40) for name in limitsfile.COUNTS},
        **{name: st.integers(0, 1) for name in limitsfile.SWITCHES},
        **{name: st.integers(0, 7) for name in limitsfile.PERMISSIONS if name != "perm_maillist"},
        "perm_maillist": st.integers(0, 0o777),
    }
)


@given(VALUES)
def test_limits_read_back_as_they_were_written(values):
    text = limitsfile.write(values)
    assert limitsfile.parse(text) == values
    assert limitsfile.check(text) == text


@given(st.text(max_size=300))
def test_any_text_can_be_read(text):
    assert set(limitsfile.parse(text)) == set(limitsfile.COLUMNS)


def test_what_vmoddomlimits_wrote_is_what_we_write():
    texts = [s["tree"][".qmailadmin-limits"][3] for s in _steps() if ".qmailadmin-limits" in s["tree"]]
    assert len(texts) >= 4
    for text in texts:
        assert limitsfile.write(limitsfile.parse(text)) == text


def _steps():
    for step in recorded.load("limits.clear")["steps"]:
        tree = {path.rpartition("/")[2]: entry for path, entry in step.get("tree", {}).items()}
        yield {**step, "tree": tree}


def test_separators_comments_and_unknown_words():
    text = "# maxaliases 3\nmaxpopaccounts\t\t7\nmaxforwards:8\ndefault_quota : 9\n"
    text += "disable_external_relay\nnonsense 4\nperm_alias 15\n"
    limits = limitsfile.parse(text)
    assert limits["maxpopaccounts"] == 7 and limits["maxforwards"] == 8 and limits["defaultquota"] == 9
    assert limits["disable_relay"] == 1 and limits["perm_alias"] == 7 and limits["maxaliases"] == -1


@pytest.mark.parametrize("text", ["nonsense: 1\n", "maxaliases: many\n", "maxaliases\n", "#" * 2100])
def test_bad_texts_are_not_written(text):
    with pytest.raises(ValueError):
        limitsfile.check(text)


def test_unknown_columns_are_errors():
    with pytest.raises(KeyError):
        limitsfile.write({"maxcats": 1})
