"""How vpopmail itself makes its tables: the CREATE statements of MariaDB and of SQLite (vmysql.h, vsqlite.h
of 5.6.13)."""

USER = {
    "mysql": {
        "pw_name": "VARCHAR(64) NOT NULL",
        "pw_domain": "VARCHAR(96) NOT NULL",
        "pw_passwd": "VARCHAR(128)",
        "pw_uid": "INT",
        "pw_gid": "INT",
        "pw_gecos": "VARCHAR(64)",
        "pw_dir": "VARCHAR(160)",
        "pw_shell": "VARCHAR(20)",
        "pw_clear_passwd": "VARCHAR(128)",
    },
    "sqlite": {
        "pw_name": "text NOT NULL",
        "pw_domain": "text NOT NULL",
        "pw_passwd": "text",
        "pw_uid": "integer",
        "pw_gid": "integer",
        "pw_gecos": "text",
        "pw_dir": "text",
        "pw_shell": "text",
        "pw_clear_passwd": "text",
    },
}

_LEVELS = ", ".join(
    f"level_{part}{level} {{int}}" for part in ("start", "end", "mod", "index") for level in (0, 1, 2)
)
_COUNTS = ("maxpopaccounts", "maxaliases", "maxforwards", "maxautoresponders", "maxmailinglists")
_SIZES = ("diskquota", "maxmsgcount", "defaultquota", "defaultmaxmsgcount")
_SWITCHES = (
    "disable_pop",
    "disable_imap",
    "disable_dialup",
    "disable_passwordchanging",
    "disable_webmail",
    "disable_relay",
    "disable_smtp",
    "disable_spamassassin",
    "delete_spam",
    "disable_maildrop",
)
_PERMISSIONS = {
    "perm_account": 2,
    "perm_alias": 2,
    "perm_forward": 2,
    "perm_autoresponder": 2,
    "perm_maillist": 4,
    "perm_quota": 2,
    "perm_defaultquota": 2,
}

_COMMON = {
    "dir_control": "domain {varchar96} NOT NULL, cur_users {int}, level_cur {int}, level_max {int}, "
    + _LEVELS
    + ", the_dir {varchar160}, PRIMARY KEY (domain)",
    "lastauth": "{q}user{q} {varchar32} NOT NULL, domain {varchar96} NOT NULL, "
    "remote_ip {varchar39} NOT NULL, "
    "{q}timestamp{q} {int} DEFAULT 0 NOT NULL, PRIMARY KEY ({q}user{q}, domain)",
    "aliasdomains": "alias {varchar100} NOT NULL, domain {varchar100} NOT NULL, PRIMARY KEY (alias)",
    "ip_alias_map": "ip_addr {varchar39} NOT NULL, domain {varchar96}, PRIMARY KEY (ip_addr)",
}


class _Types(dict[str, str]):
    """Types by placeholder: MariaDB's with their widths, SQLite's without."""

    def __init__(self, vendor: str) -> None:
        super().__init__(q="`" if vendor == "mysql" else '"', int="INT" if vendor == "mysql" else "integer")
        self.vendor = vendor

    def __missing__(self, key: str) -> str:
        return f"VARCHAR({key.removeprefix('varchar')})" if self.vendor == "mysql" else "text"


def user_table(vendor: str, per_domain: bool, clear: bool) -> str:
    """The columns of the table of accounts; `clear` adds pw_clear_passwd."""
    left_out = {"pw_domain"} if per_domain else set()
    left_out |= set() if clear else {"pw_clear_passwd"}
    columns = [f"{name} {kind}" for name, kind in USER[vendor].items() if name not in left_out]
    return ", ".join([*columns, f"PRIMARY KEY ({'pw_name' if per_domain else 'pw_name, pw_domain'})"])


def valias(vendor: str, default_delivery: bool) -> str:
    """The columns of valias; with `default_delivery` it has valias_type and copy."""
    if vendor == "sqlite":
        return "alias text NOT NULL, domain text NOT NULL, valias_line text NOT NULL"
    rest = "alias VARCHAR(32) NOT NULL, domain VARCHAR(96) NOT NULL, valias_line TEXT NOT NULL"
    if not default_delivery:
        return f"id INT(11) PRIMARY KEY AUTO_INCREMENT, {rest}, INDEX (alias, domain)"
    return (
        "id INT(11) PRIMARY KEY AUTO_INCREMENT, "
        f"valias_type TINYINT(1) NOT NULL DEFAULT 1 COMMENT '1=forwarder 0=lda', {rest}, "
        "copy TINYINT(1) NOT NULL DEFAULT 0 COMMENT '0=redirect 1=copy&redirect', "
        "INDEX (alias, domain, valias_type), INDEX (alias, domain)"
    )


def limits() -> str:
    """The columns of limits (MariaDB only: a vpopmail on SQLite keeps limits in files)."""
    return ", ".join(
        [
            "domain VARCHAR(96) PRIMARY KEY",
            *(f"{name} INT(10) NOT NULL DEFAULT -1" for name in _COUNTS),
            *(f"{name} BIGINT UNSIGNED NOT NULL DEFAULT 0" for name in _SIZES),
            *(f"{name} TINYINT(1) NOT NULL DEFAULT 0" for name in _SWITCHES),
            *(f"{name} TINYINT({width}) NOT NULL DEFAULT 0" for name, width in _PERMISSIONS.items()),
        ]
    )


def common(name: str, vendor: str) -> str:
    """The columns of dir_control, lastauth, aliasdomains or ip_alias_map. Raises KeyError for other names."""
    return _COMMON[name].format_map(_Types(vendor))
