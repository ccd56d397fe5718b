from tests.served import panel, static_files

__all__ = ["panel", "static_files"]
