"""Whether what an entry of the journal deleted still lies in the trash."""

from django import template

from audit.models import Entry
from vpopmail import trash
from vpopmail.engines.base import VpopmailError

register = template.Library()

DELETIONS = ("vdeluser", "vdeldomain")


@register.simple_tag
def in_trash(entry: Entry) -> trash.Parked | None:
    """Its part of the trash, or None: its time is over, it was brought back, or nobody can say."""
    if entry.action not in DELETIONS or entry.state != Entry.State.OK:
        return None
    try:
        return trash.find(entry.key)
    except VpopmailError:
        return None
