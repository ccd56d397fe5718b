"""Looking for a part of a domain's name, as stored or as read: `müller` finds `xn--mller-kva.example`."""

from functools import lru_cache

from web.fields import domain_to_unicode

_unicode = lru_cache(maxsize=65536)(domain_to_unicode)


def search_text(text: str) -> str:
    """What to look for among domains: of an address its domain, in lower case."""
    return text.strip().lower().rpartition("@")[2]


def is_match(name: str, text: str) -> bool:
    """Whether `text`, as search_text gives it, is a part of the name in either form."""
    return text in name or ("xn--" in name and text in _unicode(name))
