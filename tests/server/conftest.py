from tests.pages import allow, person  # noqa: F401
