"""The native engine: vpopmail's own effects on rows, files and control files, each step with its inverse."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from vpopmail import assigned, helper
from vpopmail.engines.base import AnswerChange, Engine, NewAccount, NotFound, Outcome, Settled, Switch
from vpopmail.engines.native import (
    alias_conversion,
    aliasdomains,
    answers,
    deletions,
    delivery,
    domain_merging,
    domain_restoration,
    domains,
    errors,
    forwarding,
    ip_map,
    limits,
    lists,
    recovery,
    removal,
    repairs,
    restoration,
    sign_in_log,
    switching,
)
from vpopmail.engines.native import aliases as alias_lines
from vpopmail.engines.native import changes as account_changes
from vpopmail.engines.native.accounts import add as add_accounts
from vpopmail.repairs import Repair


def _in_words(engine: type[Engine]) -> type[Engine]:
    """Every method raises what the database says as a VpopmailError."""
    for name in Engine.__abstractmethods__:
        setattr(engine, name, errors.translated()(getattr(engine, name)))
    return engine


@_in_words
class NativeEngine(Engine):
    """Rows through `sql`, files through the helper; see the modules named like what they change."""

    def vadddomain(
        self, domain: str, postmaster: NewAccount, *, unknown: str = "bounce", entry: str = ""
    ) -> Outcome:
        return domains.add(domain, postmaster, unknown, entry)

    def vdeldomain(self, domain: str, *, with_alias_domains: bool = False, entry: str = "") -> Outcome:
        found = assigned.domains().get(domain)
        if found is None:
            raise NotFound(_("There is no domain %(name)s.") % {"name": domain}, field="domain")
        if found.is_alias:
            return aliasdomains.delete(found, entry)
        return removal.delete(found, with_alias_domains, entry)

    def vaddaliasdomain(self, real: str, alias: str, *, entry: str = "") -> Outcome:
        return aliasdomains.add(real, alias, entry)

    def vadduser(self, domain: str, account: NewAccount, *, bound: bool = False, entry: str = "") -> Outcome:
        return add_accounts(domain, [account], bound, entry)

    def vaddusers(
        self, domain: str, accounts: Sequence[NewAccount], *, bound: bool = False, entry: str = ""
    ) -> Outcome:
        return add_accounts(domain, accounts, bound, entry)

    def vdeluser(self, domain: str, name: str, *, aliases: str = "keep", entry: str = "") -> Outcome:
        return deletions.delete(domain, name, aliases == "keep", entry)

    def vpasswd(
        self, domain: str, name: str, password_hash: str, clear: str = "", *, entry: str = ""
    ) -> Outcome:
        return account_changes.password(domain, name, password_hash, clear, entry)

    def vmoduser(
        self,
        domain: str,
        name: str,
        *,
        gecos: str | None = None,
        set_flags: int = 0,
        clear_flags: int = 0,
        expected: Mapping[str, object] | None = None,
        entry: str = "",
    ) -> Outcome:
        return account_changes.account(
            domain,
            name,
            gecos=gecos,
            set_flags=set_flags,
            clear_flags=clear_flags,
            expected=expected,
            entry=entry,
        )

    def switch_accounts(self, domain: str, switches: Sequence[Switch], *, entry: str = "") -> Outcome:
        return switching.switch(domain, switches, entry)

    def vsetuserquota(
        self, domain: str, name: str, quota: str, *, expected: str | None = None, entry: str = ""
    ) -> Outcome:
        return account_changes.quota(domain, name, quota, expected, entry)

    def dotqmail(
        self,
        domain: str,
        name: str,
        lines: Sequence[str],
        *,
        expected: Mapping[str, Any] | None,
        entry: str = "",
    ) -> Outcome:
        return forwarding.write(domain, name, lines, expected, entry)

    def vmakedotqmail(
        self, domain: str, lines: Sequence[str], *, expected: Mapping[str, Any] | None, entry: str = ""
    ) -> Outcome:
        return delivery.write(domain, lines, expected, entry)

    def vacation(self, domain: str, name: str, change: AnswerChange, *, entry: str = "") -> Outcome:
        return answers.vacation(domain, name, change, entry)

    def autoresponder(
        self, domain: str, name: str, change: AnswerChange, *, bound: bool = False, entry: str = ""
    ) -> Outcome:
        return answers.autoresponder(domain, name, change, bound, entry)

    def ezmlm_make(
        self, domain: str, name: str, letters: str, owner: str = "", *, bound: bool = False, entry: str = ""
    ) -> Outcome:
        return lists.make(domain, name, letters, owner, bound, entry)

    def ezmlm_sub(
        self,
        domain: str,
        name: str,
        part: str,
        add: Sequence[str] = (),
        remove: Sequence[str] = (),
        *,
        entry: str = "",
    ) -> Outcome:
        return lists.subscribe(domain, name, part, add, remove, entry)

    def valias_insert(
        self, domain: str, alias: str, line: str, *, copy: int = 0, bound: bool = False, entry: str = ""
    ) -> Outcome:
        return alias_lines.insert(domain, alias, line, copy, bound, entry)

    def valias_remove(
        self,
        domain: str,
        alias: str,
        line: str,
        *,
        id: int | None = None,
        bound: bool = False,
        entry: str = "",
    ) -> Outcome:
        return alias_lines.remove(domain, alias, line, id, bound, entry)

    def valias_delete(self, domain: str, alias: str, *, entry: str = "") -> Outcome:
        return alias_lines.delete(domain, alias, entry)

    def valias_convert(
        self, domain: str, alias: str, to: str, lines: Sequence[str], *, entry: str = ""
    ) -> Outcome:
        return alias_conversion.convert(domain, alias, to, lines, entry)

    def vmoddomlimits(
        self,
        domain: str,
        changes: Mapping[str, int],
        *,
        expected: Mapping[str, int] | None = None,
        entry: str = "",
    ) -> Outcome:
        return limits.change(domain, changes, expected or {}, entry)

    def vdellimits(
        self, domain: str, *, expected: Mapping[str, int] | None = None, entry: str = ""
    ) -> Outcome:
        return limits.delete(domain, expected or {}, entry)

    def vmoddomlimits_default(
        self,
        changes: Mapping[str, int | None],
        *,
        expected: Mapping[str, object] | None,
        entry: str = "",
    ) -> Outcome:
        return limits.change_default(changes, expected, entry)

    def vipmap_add(self, ip: str, domain: str, *, replaces: str = "", entry: str = "") -> Outcome:
        return ip_map.add(ip, domain, replaces, entry)

    def vipmap_delete(self, ip: str, domain: str, *, entry: str = "") -> Outcome:
        return ip_map.delete(ip, domain, entry)

    def purge_vlog(self, before: int, most: int, *, entry: str = "") -> int:
        return sign_in_log.purge(before, most, entry)

    def blank_vlog(self, after: int, most: int, *, entry: str = "") -> tuple[int, int]:
        return sign_in_log.blank(after, most, entry)

    def restore_account(
        self, source: str, *, account: str = "", name: str = "", merge: bool = False, entry: str = ""
    ) -> Outcome:
        return restoration.restore(source, account, name, merge, entry)

    def restore_domain(self, source: str, *, name: str = "", merge: bool = False, entry: str = "") -> Outcome:
        if merge:
            return domain_merging.merge(source, entry)
        return domain_restoration.restore(source, name, entry)

    def empty_trash(self, source: str, *, entry: str = "") -> Outcome:
        helper.call("forget", entry=entry, source=source)
        return Outcome()

    def repair(self, what: Repair, *, entry: str = "") -> Outcome:
        return repairs.repair(what, entry)

    def settle(self, notes: Sequence[Mapping[str, Any]], *, entry: str) -> Settled:
        return recovery.settle(notes, entry)
