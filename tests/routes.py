"""Every route of the URLconf with arguments for it: walks over all pages begin here.

A route with an argument that `ARGUMENTS` does not know fails the walks, so that no page is left out by
mistake. What has to exist first (a journal entry, something in the trash) is for the caller to make and name.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.urls import URLPattern, URLResolver, get_resolver, reverse

# By argument, or by "route argument" where routes differ. A domain of that name, an account, an alias.
ARGUMENTS: dict[str, str] = {
    "domain": "example.com",
    "name": "anna",
    "alias": "info",
    "delete-alias-domain alias": "example.net",
    "autoresponder alias": "answers",
    "delete-autoresponder alias": "answers",
    "mailing-list alias": "news",
    "key": "0" * 32,
    "ip": "192.0.2.7",
    # Administrators are named by their user names.
    **dict.fromkeys(
        (
            f"{route} key"
            for route in ("administrator", "administrator-password", "give-domain", "take-domain")
        ),
        "admin",
    ),
}


@dataclass(frozen=True)
class Route:
    name: str
    pattern: URLPattern = field(compare=False)

    def address(self, arguments: Mapping[str, str] | None = None) -> str:
        """Its URL; `arguments` come before those of the table."""
        known = {**ARGUMENTS, **(arguments or {})}
        kwargs = {}
        for argument in self.pattern.pattern.converters:
            value = known.get(f"{self.name} {argument}", known.get(argument))
            assert value is not None, (
                f"route {self.name!r} needs a value for {argument!r}: add it to ARGUMENTS in {__file__}"
            )
            kwargs[argument] = value
        return reverse(self.name, kwargs=kwargs)


def _patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield pattern
        elif pattern.app_name != "admin":
            yield from _patterns(pattern)


def routes() -> list[Route]:
    """All routes but those of the Django admin, which brings its own."""
    found = [Route(pattern.name or "", pattern) for pattern in _patterns(get_resolver())]
    assert all(route.name for route in found), "a route without a name"
    return found


ROUTES = routes()
