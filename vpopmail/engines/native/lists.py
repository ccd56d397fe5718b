"""ezmlm-make, ezmlm-sub and ezmlm-unsub, run by the helper as the domain's owner."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from vpopmail import aliases, bounds, lists
from vpopmail.engines.base import NotFound, Outcome, Refused
from vpopmail.engines.native.users import Users, real_domain
from vpopmail.engines.native.work import Work, work


def make(domain: str, name: str, letters: str, owner: str, bound: bool, entry: str) -> Outcome:
    """See Engine.ezmlm_make."""
    real = real_domain(domain).name
    with work(real, entry=entry) as job:
        _check_free(job, real, name)
        if bound:
            bounds.check_lists(real)
        job.note("list", domain=real, name=name)
        job.call("make_list", domain=real, name=name, letters=letters, owner=owner)
        return job.outcome()


def _check_free(job: Work, domain: str, name: str) -> None:
    with job.rows():
        try:
            Users.of(domain).read(name)
        except NotFound:
            pass
        else:
            raise _taken(name, domain)
    if aliases.is_taken(domain, name) or lists.exists(domain, name):
        raise _taken(name, domain)


def _taken(name: str, domain: str) -> Refused:
    return Refused(_("%(address)s exists already.") % {"address": f"{name}@{domain}"}, field="name")


def subscribe(
    domain: str, name: str, part: str, add: Sequence[str], remove: Sequence[str], entry: str
) -> Outcome:
    """See Engine.ezmlm_sub."""
    real = real_domain(domain).name
    with work(real, entry=entry) as job:
        job.note("subscribers", domain=real, name=name, part=part, add=list(add), remove=list(remove))
        job.call("subscribe", domain=real, name=name, part=part, add=list(add), remove=list(remove))
        return job.outcome()
