"""`manage.py import_vqadmin_acl`: make administrators of the people named in a `vqadmin.acl`."""

from pathlib import Path
from typing import Any

from django.contrib.auth.models import Group
from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from accounts import administrators, vqadmin
from accounts.models import User
from accounts.ready_groups import LETTERS
from audit.command import Program
from vpopmail.engines.base import Outcome, Refused


class Command(Program):
    help = "Make administrators of the people named in vqadmin's file of rights, and say line by line which."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("-n", "--dry-run", action="store_true", help="only say what would be made")
        parser.add_argument("file", help="vqadmin.acl")

    def act(self, options: dict[str, Any]) -> Outcome:
        self.dry, self.made = options["dry_run"], list[str]()
        text = Path(options["file"]).read_text(encoding="utf-8", errors="surrogateescape")
        lines = vqadmin.read(text)
        if not lines:
            raise Refused(_("There is no line in %(file)s that says anything.") % {"file": options["file"]})
        self.data["lines"] = []
        for line in lines:
            self._tell(line, [*self._people(line), *line.notes])
        if self.made:
            self.say(
                _(
                    "vqadmin.acl holds no passwords, so nobody can sign in yet as: %(names)s. Set one for "
                    "each on /server/administrators/ or with `manage.py changepassword NAME`."
                )
                % {"names": ", ".join(self.made)}
            )
        return Outcome()

    def _tell(self, line: vqadmin.AclLine, sentences: list[str]) -> None:
        said = sentences or [_("It names nobody.")]
        self.data["lines"].append({"line": line.number, "text": line.text, "report": said})
        self.say(f"{line.number}: {line.text}")
        for sentence in said:
            self.say(f"    {sentence}")

    def _people(self, line: vqadmin.AclLine) -> list[str]:
        sentences = [self._person(name, line.letters) for name in line.names]
        if line.is_default and line.letters:
            sentences.append(
                _(
                    "Not imported: vqadmin gave %(letters)s to everybody whom no line names. Their names "
                    "are in Apache's password file; add those who need it one by one."
                )
                % {"letters": line.letters}
            )
        return sentences

    def _person(self, name: str, letters: str) -> str:
        """What became of one name."""
        if not letters:
            return _("%(name)s: not made, the line gives no rights.") % {"name": name}
        try:
            administrators.check_form(name)
        except Refused as error:
            return _("%(name)s: not made. %(reason)s") % {"name": ascii(name)[1:-1], "reason": error.message}
        groups = list(Group.objects.filter(name__in=[LETTERS[letter].name for letter in letters]))
        found = User.objects.filter(username__iexact=name).first()
        return self._known(found, groups) if found else self._new(name, letters, groups)

    def _new(self, name: str, letters: str, groups: list[Group]) -> str:
        if not self.dry:
            administrators.add_administrator(actor=None, username=name, groups=groups)
            self.made.append(name)
        said = (
            _("%(name)s: would be made, with the groups %(letters)s.")
            if self.dry
            else _("%(name)s: made, without a password, with the groups %(letters)s.")
        )
        return said % {"name": name, "letters": " ".join(letters)}

    def _known(self, user: User, groups: list[Group]) -> str:
        """Somebody of the name is here: given what is missing, unless that says nothing."""
        name = {"name": user.username}
        if user.is_mailbox or not user.is_active:
            return _("%(name)s: somebody of this name is no active administrator here; left alone.") % name
        if user.is_superuser:
            return _("%(name)s: is a superuser here already; left alone.") % name
        if user.confined:
            return _("%(name)s: is confined to some domains here; left alone.") % name
        missing = [group for group in groups if group not in user.groups.all()]
        if not missing:
            return _("%(name)s: is here already, with these groups.") % name
        if not self.dry:
            administrators.change_administrator(actor=None, user=user, groups=[*user.groups.all(), *missing])
        said = (
            _("%(name)s: is here already, would get: %(groups)s.")
            if self.dry
            else _("%(name)s: is here already, was given: %(groups)s.")
        )
        return said % {**name, "groups": ", ".join(group.name for group in missing)}
