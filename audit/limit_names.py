"""What people call the limits of a domain, by the column of the table: on pages and in the journal."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

TITLES: dict[str, Promise] = {
    "maxpopaccounts": gettext_lazy("Accounts"),
    "maxforwards": gettext_lazy("Forwards"),
    "maxaliases": gettext_lazy("Other aliases"),
    "maxautoresponders": gettext_lazy("Autoresponders"),
    "maxmailinglists": gettext_lazy("Mailing lists"),
    "defaultquota": gettext_lazy("Quota of a new account"),
    "defaultmaxmsgcount": gettext_lazy("Messages of a new account"),
    "diskquota": gettext_lazy("Mail of the whole domain"),
    "maxmsgcount": gettext_lazy("Messages of the whole domain"),
    "disable_imap": gettext_lazy("IMAP"),
    "disable_pop": gettext_lazy("POP"),
    "disable_smtp": gettext_lazy("Sending (SMTP)"),
    "disable_webmail": gettext_lazy("Webmail"),
    "disable_relay": gettext_lazy("Relaying after POP"),
    "disable_dialup": gettext_lazy("Dial-up"),
    "disable_passwordchanging": gettext_lazy("Changing one’s own password"),
    "disable_spamassassin": gettext_lazy("Spam filter"),
    "disable_maildrop": gettext_lazy("Rules of maildrop"),
    "delete_spam": gettext_lazy("Mail that is called spam"),
}
# Names of columns that say too little where nothing stands around them.
IN_JOURNAL: dict[str, Promise] = {
    **{column: title for column, title in TITLES.items() if column.startswith(("default", "disk", "maxmsg"))},
    "maxpopaccounts": gettext_lazy("Most accounts"),
    "maxforwards": gettext_lazy("Most forwards"),
    "maxaliases": gettext_lazy("Most other aliases"),
    "maxautoresponders": gettext_lazy("Most autoresponders"),
    "maxmailinglists": gettext_lazy("Most mailing lists"),
    "disable_imap": gettext_lazy("No IMAP"),
    "disable_pop": gettext_lazy("No POP"),
    "disable_smtp": gettext_lazy("No SMTP"),
    "disable_webmail": gettext_lazy("No webmail"),
    "disable_relay": gettext_lazy("No relaying after POP"),
    "disable_dialup": gettext_lazy("No dial-up"),
    "disable_passwordchanging": gettext_lazy("No changing of one’s own password"),
    "disable_spamassassin": gettext_lazy("No spam filter"),
    "disable_maildrop": gettext_lazy("No rules of maildrop"),
    "delete_spam": gettext_lazy("Spam is deleted"),
    "perm_account": gettext_lazy("Denied: accounts"),
    "perm_forward": gettext_lazy("Denied: forwards"),
    "perm_alias": gettext_lazy("Denied: other aliases"),
    "perm_autoresponder": gettext_lazy("Denied: autoresponders"),
    "perm_maillist": gettext_lazy("Denied: mailing lists"),
    "perm_quota": gettext_lazy("Denied: quotas"),
    "perm_defaultquota": gettext_lazy("Denied: the default quota"),
}
