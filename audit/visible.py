"""Which entries of the journal a person may read: those of the domains it may know of.

A domain that was deleted and added again belongs to other people: what was done before is the
administrators' to know.
"""

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Max, Q, QuerySet

from audit.models import Entry
from web.access import domains_of, may


def entries_for(person: AbstractBaseUser | AnonymousUser) -> QuerySet[Entry]:
    """All entries for who may read them everywhere, else those of the present lives of its own domains."""
    own = domains_of(person)
    if own is None:
        return Entry.objects.all()
    names = [name for name in own if may(person, "audit.view_entry", name)]
    wanted, former = Q(pk__in=[]), _ends(names)
    for name in names:
        wanted |= Q(domain=name, pk__gt=former.get(name, 0))
    return Entry.objects.filter(wanted)


def _ends(names: list[str]) -> dict[str, int]:
    """When each of these domains was last deleted, as the key of that entry."""
    deleted = Entry.objects.filter(
        domain__in=names, action="vdeldomain", target__in=names, state=Entry.State.OK
    )
    return dict(deleted.order_by().values_list("target").annotate(last=Max("pk")))
