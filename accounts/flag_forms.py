"""The form of an account's flags: every known bit of pw_gid by itself, explained; unknown bits stay."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts import flag_words
from accounts.forms import helper
from accounts.gate import FOR_SUPERUSERS
from vpopmail import flags, limits
from vpopmail.locked import is_shut
from vpopmail.models import Account

# Bit, what a tick means, what follows from it. The bits are vpopmail.h's; pages show them in this order.
GROUPS = (
    (
        _("Services taken away"),
        (
            (
                0x8,
                _("No IMAP"),
                _("Mail programs that leave mail on the server are refused at the next sign-in."),
            ),
            (0x2, _("No POP"), _("Mail programs that fetch mail are refused at the next sign-in.")),
            (0x800, _("No SMTP"), _("Sending through this server after signing in is refused.")),
            (0x4, _("No webmail"), _("Webmail that signs in from this server's own address is refused.")),
            (0x20, _("No relay after POP"), _("Reading mail does not open this server for sending.")),
            (0x40, _("No dial-up"), _("For RADIUS servers that read this table.")),
        ),
    ),
    (
        _("Mail"),
        (
            (
                0x10,
                _("Bounce mail"),
                _("New mail goes back to its sender: “account is locked”. What is there stays."),
            ),
            (0x4000, _("No spam filter"), _("SpamAssassin is not asked about mail for this account.")),
            (0x8000, _("Delete spam"), _("Mail that the filter calls spam is thrown away, not filed.")),
            (0x40000, _("No maildrop"), _("Filter rules of maildrop are not used.")),
        ),
    ),
    (
        _("Rights"),
        (
            (0x1, _("May not change its own password"), _("Only an administrator sets a new one.")),
            (
                0x2000,
                _("Not bound by the domain's settings"),
                _("Services that the domain switches off stay on here."),
            ),
            (
                0x1000,
                _("Administrator of the domain"),
                _("May look after all accounts and aliases of the domain."),
            ),
            (
                0x10000,
                _("Administrator of the server"),
                _("May look after every domain through vpopmail's daemon."),
            ),
            (0x20000, _("Expert"), _("vpopmail's daemon lets this account edit delivery files.")),
        ),
    ),
    (
        _("For the site's own use"),
        tuple((0x80 << n, _("User flag %(n)d") % {"n": n}, "") for n in range(4)),
    ),
)
KNOWN = sum(bit for _title, rows in GROUPS for bit, _label, _help in rows)


class FlagsForm(forms.Form):
    """One box for each bit, named `flag_<hexadecimal>`; `seen` is pw_gid as the person saw it, `fixed`
    the bits that it may not change."""

    seen = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, account: Account, fixed: int = FOR_SUPERUSERS, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account
        self.fixed = fixed
        self.fields["seen"].initial = account.gid
        by_domain = flags.effective(0, limits.read(account.domain).values)
        for _title, rows in GROUPS:
            for bit, label, text in rows:
                self.fields[f"flag_{bit:x}"] = forms.BooleanField(
                    label=label,
                    help_text=f"{text} {flag_words.note(bit, account, by_domain)}".strip(),
                    required=False,
                    initial=bool(account.gid & bit),
                    disabled=bool(self.fixed & bit),
                )
        self.helper = helper()

    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        return [(title, [self[f"flag_{bit:x}"] for bit, _l, _h in rows]) for title, rows in GROUPS]

    def unknown(self) -> list[str]:
        """Bits without a meaning here, as hexadecimal numbers; whoever set them keeps them."""
        rest = self.account.gid & ~KNOWN
        return [hex(1 << n) for n in range(rest.bit_length()) if rest >> n & 1]

    def effects(self) -> list[flag_words.Effect]:
        """What the stored flags come to, with those of the domain."""
        return flag_words.effects_of(self.account)

    @property
    def is_locked(self) -> bool:
        """Does no password open the account, whatever its flags say?"""
        return is_shut(self.account.passwd)

    def renew(self, account: Account) -> None:
        """After "changed meanwhile": the person's own ticks on top of what is there now."""
        changes = self.changes
        gid = (account.gid | changes["set_flags"]) & ~changes["clear_flags"]
        self.account = account
        self.data = QueryDict(mutable=True)
        self.data["seen"] = str(account.gid)
        self.data.update({f"flag_{bit:x}": "on" for _t, rows in GROUPS for bit, _l, _h in rows if gid & bit})

    @property
    def program(self) -> str:
        """The command that sets exactly the flags shown: `-x` clears them all first."""
        return " ".join(["vmoduser", "-x", *(f"-{letter}" for letter in flags.letters(self.account.gid))])

    @property
    def is_new(self) -> bool:
        return bool(self.changes["set_flags"] or self.changes["clear_flags"])

    @property
    def changes(self) -> dict[str, Any]:
        """What accounts.services.change_account is given: the difference to what the person saw."""
        seen = self.cleaned_data["seen"]
        may = KNOWN & ~self.fixed
        chosen = sum(bit for _t, rows in GROUPS for bit, _l, _h in rows if self.cleaned_data[f"flag_{bit:x}"])
        return {
            "set_flags": chosen & ~seen & may,
            "clear_flags": seen & ~chosen & may,
            "expected": {"gid": seen},
        }
