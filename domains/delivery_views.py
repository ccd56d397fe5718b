"""The tab Delivery: what happens to mail for unknown addresses, and what this server does before and
after."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from domains import delivery_services
from domains.delivery_forms import DeliveryForm, sentence
from domains.delivery_words import advice, check_words
from domains.views import get_or_post
from vpopmail import delivery as deliveries
from vpopmail.engines.base import Changed, VpopmailError
from web.access import demand, get_domain, needs
from web.feedback import refuse, tell, tell_unchanged


@get_or_post
@needs("vpopmail.view_domain")
def delivery(request: HttpRequest, domain: str) -> HttpResponse:
    """Shown to whoever may see the domain; a POST changes it."""
    found = get_domain(request, domain)
    if request.method == "POST":
        demand(request, delivery_services.CHANGE_DELIVERY, found)
    if found.real != domain:
        return redirect("delivery", found.real)
    now = deliveries.read(found.real)
    form = DeliveryForm(request.POST if request.method == "POST" else None, domain=found, now=now)
    if not form.is_valid():
        return _page(request, form)
    if not form.is_new:
        tell_unchanged(request)
        return redirect("delivery", found.real)
    return _save(request, form)


def _save(request: HttpRequest, form: DeliveryForm) -> HttpResponse:
    data = form.cleaned_data
    try:
        outcome = delivery_services.change_delivery(
            actor=request.user,
            domain=form.domain.real,
            unknown=form.value,
            replace=data.get("replace", False),
            expected=data["seen"],
        )
    except VpopmailError as error:
        status = refuse(form, error)
        if isinstance(error, Changed):
            form.renew(deliveries.read(form.domain.real))
        return _page(request, form, status)
    tell(request, _("The delivery of this domain was saved."), outcome)
    return redirect("delivery", form.domain.real)


def _page(request: HttpRequest, form: DeliveryForm, status: int = 200) -> HttpResponse:
    check = deliveries.recipient_check()
    context = {
        "domain": form.domain,
        "tab": "delivery",
        "form": form,
        "now": form.now,
        "sentence": sentence(form.now),
        "check": check_words(check),
        "told": check.told,
        "advice": advice(check, form.now.kind),
        "usual": deliveries.default_delivery(),
    }
    return render(request, "domains/delivery.html", context, status=status)
