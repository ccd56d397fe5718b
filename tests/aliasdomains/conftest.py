from tests.pages import allow, broken_engine, example, person  # noqa: F401
