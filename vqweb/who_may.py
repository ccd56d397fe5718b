"""Who may do what: every address of the panel, asked by eight people, in one table.

tests/web/test_who_may_do_what.py walks the URLconf and compares each answer with its line here; the page
/server/who-may-do-what/ shows the same lines. A new address needs a line: its name in the URLconf, eight
marks for GET and eight for POST, in the order of PEOPLE, and words. The marks:

    +   answers: the page, or the form with what is wrong in it
    -   403: the person is told which right is missing
    .   404: the person is not told that it exists
    >   to the sign-in
    x   405: this address does not take that method

The test prints the marks that it saw. Look at each before you copy it: a `+` too many is a hole.
Addresses ask about example.com: about its account bob, an ordinary owner; its alias info; its alias domain.
"""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from web.access import needs

# In the order of the marks.
PEOPLE: dict[str, Promise] = {
    "nobody": _("Nobody signed in"),
    "superuser": _("Superuser"),
    "viewer": _("Administrator who may look"),
    "confined": _("Administrator of this domain"),
    "postmaster": _("Postmaster of this domain"),
    "stranger": _("Postmaster of another domain"),
    "owner": _("Owner of a mailbox here"),
    "ended": _("Deleted account with a live cookie"),
}
MARKS: dict[str, str | Promise] = {
    "+": _("yes"),
    "-": _("no"),
    ".": _("hidden"),
    ">": _("sign-in"),
    "x": "–",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One address: its name in the URLconf, the marks of GET and of POST, and what it is."""

    name: str
    get: str
    post: str
    words: str | Promise

    @property
    def cells(self) -> list[tuple[str, str | Promise, Promise]]:
        """For the page: each person's mark, that of POST where there is nothing to see, its word, and who."""
        marks = (_seen(get, post) for get, post in zip(self.get, self.post, strict=True))
        return [(mark, MARKS[mark], who) for mark, who in zip(marks, PEOPLE.values(), strict=True)]


def _seen(get: str, post: str) -> str:
    return post if get == "x" else get


# The Django admin's own addresses, all of them, by GET.
DJANGO_ADMIN = ">+>>>>>>"

# fmt: off
TABLE = (
    # --- Everybody ---
    Line("dashboard",                   ">++++++>", ">++++++>", _("The first page, by role")),
    Line("health",                      "++++++++", "xxxxxxxx", _("For monitoring: words only")),
    # --- Domains ---
    Line("search",                      ">+++++->", ">+++++->", _("Search, among what one may see")),
    Line("domains",                     ">+++++->", ">+++++->", _("The list of domains, for some one’s own")),
    Line("add-domain",                  ">+----->", ">+----->", _("Add a domain")),
    Line("check-domain",                ">+----->", ">+----->", _("While its name is typed")),
    Line("domain",                      ">++++..>", ">++++..>", _("A domain with its accounts")),
    Line("domain-sign-ins",             ">+-++..>", ">+-++..>", _("Who failed to sign in to its mail")),
    Line("domain-activity",             ">++++..>", ">++++..>", _("What was changed in a domain")),
    Line("delivery",                    ">++++..>", ">+-++..>", _("Mail for unknown addresses")),
    Line("disable-domain",              ">+-+-..>", ">+-+-..>", _("Disable a domain")),
    Line("enable-domain",               ">+-+-..>", ">+-+-..>", _("Enable it again")),
    Line("limits",                      ">++++..>", ">+-+-..>", _("Limits of a domain, with what is used")),
    Line("delete-limits",               ">+-+-..>", ">+-+-..>", _("Give a domain the default limits again")),
    Line("delete-domain",               ">+-+-..>", ">+-+-..>", _("Delete a domain")),
    Line("alias-domains",               ">+++++->", ">+++++->", _("The list of alias domains, the same")),
    Line("domain-alias-domains",        ">++++..>", ">++++..>", _("The alias domains of a domain")),
    Line("add-alias-domain",            ">+-+--->", ">+-+--->", _("Add an alias domain")),
    Line("check-alias-domain",          ">+-+--->", ">+-+--->", _("While its name is typed")),
    Line("delete-alias-domain",         ">+-+--->", ">+-+--->", _("Delete an alias domain")),
    # --- Accounts ---
    Line("accounts",                    ">+++++->", ">+++++->", _("Find an account in one’s domains")),
    Line("add-account",                 ">+-++..>", ">+-++..>", _("Add an account")),
    Line("account",                     ">++++..>", ">++++..>", _("An account")),
    Line("change-account",              ">+-++..>", ">+-++..>", _("Its display name")),
    Line("change-password",             ">+-++..>", ">+-++..>", _("Its password")),
    Line("change-quota",                ">+-++..>", ">+-++..>", _("Its quota")),
    Line("change-flags",                ">+-++..>", ">+-++..>", _("Its services and flags")),
    Line("change-forwarding",           ">+-++..>", ">+-++..>", _("Where its mail goes")),
    Line("change-vacation",             ">+-++..>", ">+-++..>", _("What it answers while somebody is away")),
    Line("end-vacation",                ">xxxxxx>", ">+-++..>", _("Answer no more")),
    Line("disable-account",             ">+-++..>", ">+-++..>", _("Disable an account")),
    Line("enable-account",              ">+-++..>", ">+-++..>", _("Enable it again")),
    Line("selected-accounts",           ">+-++..>", ">+-++..>", _("Change several accounts at once")),
    Line("delete-selected",             ">+-++..>", ">+-++..>", _("Delete several accounts at once")),
    Line("delete-account",              ">+-++..>", ">+-++..>", _("Delete an account")),
    Line("reset-second-factor",         ">+-++..>", ">+-++..>", _("Reset the second factor of an account")),
    Line("look-as",                     ">+---..>", ">+---..>", _("Look as its owner")),
    Line("stop-looking",                ">xxxxxx>", ">++++++>", _("Be oneself again")),
    # --- Aliases ---
    Line("domain-aliases",              ">++++..>", ">++++..>", _("The aliases of a domain")),
    Line("add-alias",                   ">+-++..>", ">+-++..>", _("Add an alias")),
    Line("alias",                       ">++++..>", ">++++..>", _("An alias with its destinations")),
    Line("add-alias-line",              ">+-++..>", ">+-++..>", _("Add a destination")),
    Line("remove-alias-line",           ">xxxxxx>", ">+-++..>", _("Remove a destination")),
    Line("convert-aliases",             ">+-+-..>", ">+-+-..>", _("Move aliases between table and files")),
    Line("aliases-to",                  ">+++++->", ">xxxxxx>", _("Who forwards to an address")),
    Line("delete-alias",                ">+-++..>", ">+-++..>", _("Delete an alias")),
    Line("mailing-lists",               ">++++..>", ">++++..>", _("The mailing lists of a domain")),
    Line("add-mailing-list",            ">+-++..>", ">+-++..>", _("Add a mailing list")),
    Line("mailing-list",                ">++++..>", ">+-++..>", _("A mailing list with its subscribers")),
    Line("autoresponders",              ">++++..>", ">++++..>", _("Addresses that answer by themselves")),
    Line("add-autoresponder",           ">+-++..>", ">+-++..>", _("Add one")),
    Line("autoresponder",               ">+-++..>", ">+-++..>", _("What it answers")),
    Line("delete-autoresponder",        ">+-++..>", ">+-++..>", _("Delete one")),
    # --- Activity ---
    Line("activity",                    ">+++++->", ">+++++->", _("What was changed in one’s domains")),
    Line("activity-entry",              ">++++.->", ">++++.->", _("One change of this domain")),
    Line("revert-entry",                ">+-+-.->", ">+-+-.->", _("Take a change back")),
    Line("recover",                     ">x----->", ">+----->", _("Settle interrupted changes")),
    # --- One's own mailbox ---
    Line("own-account",                 ">---+++>", ">---+++>", _("One’s own mailbox")),
    Line("own-name",                    ">---+++>", ">---+++>", _("One’s own display name")),
    Line("own-sign-ins",                ">---+++>", ">---+++>", _("Sign-ins to one’s own mailbox")),
    Line("own-forwarding",              ">---+++>", ">---+++>", _("Where one’s own mail goes")),
    Line("own-vacation",                ">---+++>", ">---+++>", _("What one’s own mailbox answers")),
    Line("end-own-vacation",            ">xxxxxx>", ">---+++>", _("Answer no more")),
    Line("own-password",                ">---+++>", ">---+++>", _("One’s own mail password")),
    # --- Signing in ---
    Line("sign-in",                     "++++++++", "++++++++", _("Sign in")),
    Line("sign-out",                    ">xxxxxx>", ">++++++>", _("Sign out")),
    Line("confirm",                     ">++++++>", ">++++++>", _("Sign in again before what is dangerous")),
    Line("confirm-by-passkey",          ">xxxxxx>", ">++++++>", _("The same with a passkey")),
    Line("second-factor-step",          ">++++++>", ">++++++>", _("The second step of signing in")),
    Line("own-sessions",                ">++++++>", ">xxxxxx>", _("Where one is signed in")),
    Line("end-sessions",                ">xxxxxx>", ">++++++>", _("End one’s own sessions")),
    Line("second-factor",               ">++++++>", ">++++++>", _("One’s own second factor")),
    Line("add-app",                     ">++++++>", ">++++++>", _("Add an authenticator app")),
    Line("add-passkey",                 ">++++++>", ">++++++>", _("Add a passkey, where TLS allows it")),
    Line("recovery-codes",              ">++++++>", ">++++++>", _("One’s own recovery codes")),
    Line("remove-factor",               ">++++++>", ">++++++>", _("Remove a factor that is there")),
    Line("own-administrator-password",  ">+++...>", ">+++...>", _("An administrator’s own password")),
    # --- Server ---
    Line("administrators",              ">+----->", ">+----->", _("The list of administrators")),
    Line("add-administrator",           ">+----->", ">+----->", _("Add an administrator")),
    Line("administrator",               ">+----->", ">+----->", _("An administrator and its groups")),
    Line("administrator-password",      ">+----->", ">+----->", _("An administrator’s password")),
    Line("reset-administrator-factor",  ">+----->", ">+----->", _("The second factor of one")),
    Line("give-domain",                 ">+----->", ">+----->", _("Confine one to a domain")),
    Line("take-domain",                 ">+----->", ">+----->", _("Take a domain from one")),
    Line("who-may-do-what",             ">++---->", ">xxxxxx>", _("This table")),
    Line("server",                      ">+----->", ">+----->", _("Pages about the server")),
    Line("doctor",                      ">+----->", ">xxxxxx>", _("The doctor")),
    Line("doctor-examine",              ">xxxxxx>", ">+----->", _("Examine the server")),
    Line("default-limits",              ">+----->", ">+----->", _("The limits for all domains")),
    Line("sign-ins",                    ">+----->", ">+----->", _("Who failed to sign in to mail")),
    Line("relay",                       ">+----->", ">+----->", _("IP addresses that may send for a while")),
    Line("ip-map",                      ">++---->", ">++---->", _("IP addresses that stand for domains")),
    Line("add-ip",                      ">+----->", ">+----->", _("Let one stand for a domain")),
    Line("change-ip",                   ">+----->", ">+----->", _("Let one stand for another domain")),
    Line("delete-ip",                   ">+----->", ">+----->", _("Let one stand for none")),
    Line("doctor-repair",               ">xxxxxx>", ">+----->", _("Mend what the doctor found")),
    Line("trash",                       ">+----->", ">+----->", _("What was deleted and is kept")),
    Line("trash-entry",                 ">+----->", ">+----->", _("One deletion")),
    Line("restore",                     ">+----->", ">+----->", _("Bring it back")),
    Line("restore-account",             ">+----->", ">+----->", _("Bring one account of it back")),
    Line("empty-trash",                 ">+----->", ">+----->", _("Remove it for good")),
    Line("empty-everything",            ">+----->", ">+----->", _("Empty the whole trash")),
    # --- Django admin ---
    Line("admin-sign-in",               ">+----->", ">+----->", _("Its way in, which is the panel’s")),
    Line("admin-password",              ">+++...>", ">+++...>", _("Its page for one’s own password")),
)
# fmt: on


@require_safe
@needs("vpopmail.view_domain")
def who_may_do_what(request: HttpRequest) -> HttpResponse:
    """The table, for administrators."""
    context = {"people": PEOPLE.values(), "lines": TABLE}
    return render(request, "vqweb/who_may.html", context)
