"""What the real programs did: read the compressed recordings, and make tables as they were recorded."""

import json
import lzma
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@cache
def load(name: str) -> Any:
    """The recording `name` (`daily.many`, `schema.old`, `options`, ...)."""
    return json.loads(lzma.decompress((HERE / f"{name}.json.xz").read_bytes()))


def _column(column: dict[str, Any]) -> str:
    default = column["default"]
    return " ".join(
        part
        for part in (
            f"`{column['name']}` {column['type']}",
            "" if column["null"] else "NOT NULL",
            "" if default is None else f"DEFAULT {default}",
            column["extra"],
        )
        if part
    )


def _key(name: str, key: dict[str, Any]) -> str:
    columns = ", ".join(f"`{column}`" for column in key["columns"])
    if name == "PRIMARY":
        return f"PRIMARY KEY ({columns})"
    return f"{'UNIQUE ' if key['unique'] else ''}KEY `{name}` ({columns})"


def ddl(build: str, engine: str = "InnoDB", leave_out: tuple[str, ...] = ()) -> list[str]:
    """CREATE TABLE statements (MariaDB, latin1) of the build's recorded schema."""
    return [
        f"CREATE TABLE `{table}` ("
        + ", ".join([*map(_column, spec["columns"]), *(_key(n, k) for n, k in spec["keys"].items())])
        + f") ENGINE={engine} DEFAULT CHARSET=latin1"
        for table, spec in load(f"schema.{build}").items()
        if table not in leave_out
    ]


def config_header(build: str) -> str:
    """The installed `include/vpopmail_config.h` of a build."""
    quoted = {"QMAILDIR"}
    return "".join(
        f'#define {name} "{value}"\n' if name in quoted else f"#define {name} {value}\n"
        for name, value in load("options")[build].items()
    )
