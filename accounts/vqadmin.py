"""What vqadmin's file of rights (`vqadmin.acl`) says, read as vqadmin itself reads it.

A line is `group letters name[,name…]` with exactly two spaces. vqadmin reads lines in pieces of 79 bytes,
never reads a last line without its newline, stops with an error at a line of another form, and takes the
first line that names somebody. The rights of the group `default` hold for everybody whom no line names.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

LETTERS = "VIMUCADX"
LONGEST = 79  # bytes of a line that vqadmin reads; what follows it takes for a line of its own
DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class AclLine:
    """One line that is no comment. `letters` and `names` counted; `notes` say what did not, and why."""

    number: int
    text: str
    group: str = ""
    letters: str = ""
    names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_default(self) -> bool:
        return self.group.lower() == DEFAULT

    def noting(self, note: str) -> "AclLine":
        return replace(self, notes=(*self.notes, note))


def read(text: str) -> list[AclLine]:
    """Every line that is neither empty nor a comment, with what vqadmin made of it."""
    lines, where, ended = [], dict[str, int](), 0
    for number, raw, complete in _raw(text):
        line = AclLine(number, raw)
        if ended:
            note = _("vqadmin never came this far: it stopped at line %(line)d.")
            line = line.noting(note % {"line": ended})
        elif not complete:
            line = line.noting(_("vqadmin never reads a last line without its newline."))
        else:
            line = _parsed(line)
            ended = 0 if line.group else number
            line = _first_only(line, where)
        lines.append(line)
    return lines


def _raw(text: str) -> Iterator[tuple[int, str, bool]]:
    """Number, text, and whether a newline ends it."""
    for number, line in enumerate(text.split("\n"), 1):
        complete = number <= text.count("\n")
        line = line.split("\r", 1)[0]
        if line and not line.startswith("#"):
            yield number, line, complete


def _parsed(line: AclLine) -> AclLine:
    """Raises nothing: a line of another form has no group, and a note."""
    whole = line.text.encode(errors="surrogateescape")
    seen = whole[:LONGEST].decode(errors="surrogateescape")
    words = seen.split(" ")
    if len(words) != 3 or not words[0]:
        return line.noting(_("This is not “group letters names” with two spaces: vqadmin stops here."))
    group, letters, people = words
    names = tuple(filter(None, people.split(",")))
    line = replace(line, group=group, letters=_letters(letters), names=names)
    unknown = "".join(letter for letter in letters if letter not in LETTERS + "-")
    if unknown and not letters.startswith("*"):
        line = line.noting(_("No letters of vqadmin's, ignored: %(letters)s") % {"letters": unknown})
    return _cut(line) if len(whole) > LONGEST else line


def _letters(letters: str) -> str:
    """In vqadmin's order; an asterisk in the first place is all of them."""
    return LETTERS if letters.startswith("*") else "".join(letter for letter in LETTERS if letter in letters)


def _cut(line: AclLine) -> AclLine:
    """A line that is too long: the names that vqadmin saw whole count."""
    everybody = tuple(filter(None, line.text.split(" ", 2)[2].split(",")))
    whole = tuple(name for name, seen in zip(everybody, line.names, strict=False) if name == seen)
    lost = ", ".join(everybody[len(whole) :])
    note = _("vqadmin reads 79 bytes of a line, so these have no rights by it: %(names)s") % {"names": lost}
    return replace(line, names=whole).noting(note) if lost else line


def _first_only(line: AclLine, where: dict[str, int]) -> AclLine:
    """A name counts in the first line that has it."""
    again = [name for name in line.names if name in where]
    for name in again:
        note = _("%(name)s is named in line %(line)d already, which counts.")
        line = line.noting(note % {"name": name, "line": where[name]})
    names = tuple(dict.fromkeys(name for name in line.names if name not in where))
    where.update(dict.fromkeys(names, line.number))
    return replace(line, names=names)
