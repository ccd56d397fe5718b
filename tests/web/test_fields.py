"""What the fields take, what they make of it, and what they say."""

import pytest
from django import forms
from django.core.exceptions import ValidationError

from tests.store import Store
from web.fields import (
    AddressField,
    DomainField,
    GecosField,
    LocalPartField,
    PasswordField,
    QuotaField,
    domain_to_unicode,
)


@pytest.mark.parametrize(
    "typed, stored",
    [
        ("example.com", "example.com"),
        ("  EXAMPLE.Com ", "example.com"),
        ("example.com.", "example.com"),
        ("müller.example", "xn--mller-kva.example"),
        ("MÜLLER.example", "xn--mller-kva.example"),
        ("straße.example", "xn--strae-oqa.example"),  # IDNA 2003 would make strasse of it
        ("例え.example", "xn--r8jz45g.example"),
        ("xn--mller-kva.example", "xn--mller-kva.example"),
    ],
)
def test_domains_are_stored_in_ascii_and_lower_case(typed: str, stored: str) -> None:
    assert DomainField().clean(typed) == stored


BAD_DOMAINS = [
    "",
    "com",
    "a..b.com",
    "-a.com",
    "a/b.com",
    "../x.com",
    "a b.com",
    "a\nb.com",
    "a\x00b.com",
    "x" * 97 + ".com",
    "ex_ample.com",
    "☃☃..com",
    "a@b.com",
    "user:x.com",
]


@pytest.mark.parametrize("typed", BAD_DOMAINS)
def test_what_is_no_domain_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        DomainField().clean(typed)


def test_idn_is_shown_as_people_read_it() -> None:
    assert domain_to_unicode("xn--mller-kva.example") == "müller.example"
    assert domain_to_unicode("xn--broken-.example") == "xn--broken-.example"


@pytest.mark.parametrize(
    "typed", ["", "a", "-anna", "an na", "anna@example.com", "ännä", "..", ".qmail-x", "a/b", "x" * 65, "a:b"]
)
def test_what_is_no_name_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        LocalPartField().clean(typed)


def test_names_are_lowered_and_aliases_may_be_short() -> None:
    assert LocalPartField().clean("Anna.B") == "anna.b"
    assert LocalPartField(shortest=1).clean("a") == "a"


def test_addresses_are_taken_apart() -> None:
    assert AddressField().clean("Anna@Müller.example") == "anna@xn--mller-kva.example"
    for bad in ("anna", "@example.com", "anna@", "anna@com", "an na@example.com"):
        with pytest.raises(ValidationError):
            AddressField().clean(bad)


@pytest.mark.parametrize(
    "typed, stored", [("2 GB", "2147483648S"), ("2G", "2147483648S"), ("noquota", "NOQUOTA"), ("", "")]
)
def test_quotas_in_words(typed: str, stored: str) -> None:
    assert QuotaField().clean(typed) == stored


@pytest.mark.parametrize("typed", ["rubbish", "-1", "0", "2 XB", "1 GB, 2 GB"])
def test_rubbish_is_no_quota(typed: str) -> None:
    with pytest.raises(ValidationError):
        QuotaField().clean(typed)


def test_a_password_is_not_trimmed_and_has_no_control_characters() -> None:
    assert PasswordField().clean("  two  spaces ") == "  two  spaces "
    for bad in ("", "a\nb", "a\x00b", "x" * 129):
        with pytest.raises(ValidationError):
            PasswordField().clean(bad)


@pytest.mark.parametrize("typed", ["a:b", "a\nb", "Ωmega", "x" * 65])
def test_a_display_name_fits_vpopmail(typed: str) -> None:
    with pytest.raises(ValidationError):
        GecosField().clean(typed)


class Form(forms.Form):
    domain = DomainField()
    password = PasswordField()


@pytest.mark.stores("sqlite")
def test_what_was_typed_stays_in_the_form_but_for_passwords(store: Store) -> None:
    html = str(Form({"domain": "Exa mple", "password": "never-sent-back"}))
    assert 'value="Exa mple"' in html
    assert "never-sent-back" not in html


@pytest.mark.stores("sqlite")
def test_only_the_password_itself_is_called_so(store: Store) -> None:
    """The generator and the eye have no name, so that password managers and tests find one field."""
    html = str(Form()["password"])
    assert html.count("name=") == 1
    assert 'autocomplete="new-password"' in html
    assert all("assword" not in part for part in html.split("aria-label=")[1:])
    assert "style=" not in html and "onclick" not in html


@pytest.mark.stores("sqlite")
def test_the_meter_knows_the_sites_policy(store: Store) -> None:
    (store.home / "etc" / "password_strength.conf").write_text("length >= 12\npolicy = Twelve letters\n")
    html = str(Form()["password"])
    assert 'data-policy="{&quot;length&quot;: [&quot;&gt;=&quot;, 12.0]}"' in html
    assert "Twelve letters" in html
