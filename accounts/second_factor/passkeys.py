"""The two ceremonies of WebAuthn: making a passkey, and showing it.

The relying party is the host of the request, which passed ALLOWED_HOSTS; the origin is scheme, host and port
of the same request. Browsers keep a passkey for the host it was made for.
"""

import hashlib
import ipaddress
import json
import struct
import time
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from django.db import transaction
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.utils import timezone
from django.utils.crypto import salted_hmac
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from accounts.second_factor.factors import pk_of
from accounts.second_factor.models import Passkey

CHALLENGE = "vqweb.passkey_challenge"
MOST = 20  # passkeys of one person
VALID = 300  # seconds a challenge may be answered
# What a challenge is for. In the place of the password the device must know its owner by a PIN or a finger;
# behind the password, having it is enough.
CREATE, STEP, AGAIN = "create", "get", "again"
_VERIFICATION = {
    CREATE: UserVerificationRequirement.PREFERRED,
    STEP: UserVerificationRequirement.PREFERRED,
    AGAIN: UserVerificationRequirement.REQUIRED,
}
LONGEST = 20_000  # characters of an answer; real ones have a tenth of it
# What fido2 raises for answers that are not what they should be.
_WRONG = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    AssertionError,
    RecursionError,
    NotImplementedError,
    struct.error,
    UnsupportedAlgorithm,
)


def host_of(request: HttpRequest) -> str:
    """The relying party's id: the host name as browsers see it, without the port."""
    return split_domain_port(request.get_host())[0]


def origin_of(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


def is_possible(request: HttpRequest) -> bool:
    """Browsers offer passkeys to host names, on HTTPS; and to localhost."""
    host = host_of(request)
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return request.is_secure()
    return False


def _server(request: HttpRequest) -> Fido2Server:
    expected = origin_of(request)
    party = PublicKeyCredentialRpEntity(name=f"VQWeb {host_of(request)}", id=host_of(request))
    return Fido2Server(party, verify_origin=lambda origin: origin == expected)


def usable(request: HttpRequest) -> list[Passkey]:
    """The person's passkeys that were made for this host name."""
    return list(Passkey.objects.filter(user_id=pk_of(request.user), host=host_of(request)).order_by("pk"))


def _descriptors(passkeys: list[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(type=PublicKeyCredentialType.PUBLIC_KEY, id=_data(one).credential_id)
        for one in passkeys
    ]


def _data(passkey: Passkey) -> AttestedCredentialData:
    return AttestedCredentialData(bytes(passkey.credential))


def _remember(request: HttpRequest, kind: str, state: Any) -> None:
    request.session[CHALLENGE] = [kind, int(time.time()), state["challenge"]]


def _recall(request: HttpRequest, kind: str) -> dict[str, Any] | None:
    """The challenge of this session, once: whatever comes of the answer, it is spent."""
    found = request.session.pop(CHALLENGE, None)
    request.session.save()  # spent also when the rest of the request fails
    if not found or found[0] != kind or not 0 <= time.time() - found[1] <= VALID:
        return None
    return {"challenge": found[2], "user_verification": _VERIFICATION[kind]}


def creation_options(request: HttpRequest) -> str:
    """JSON for navigator.credentials.create(). The user's handle says nothing about the person."""
    user = request.user
    handle = salted_hmac("accounts.second_factor.handle", str(user.pk), algorithm="sha256").digest()
    entity = PublicKeyCredentialUserEntity(
        id=handle, name=user.get_username(), display_name=user.get_username()
    )
    options, state = _server(request).register_begin(
        entity,
        _descriptors(usable(request)),
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=_VERIFICATION[CREATE],
    )
    _remember(request, CREATE, state)
    return json.dumps(dict(options)["publicKey"])


def request_options(request: HttpRequest, purpose: str = STEP) -> str:
    """JSON for navigator.credentials.get()."""
    options, state = _server(request).authenticate_begin(
        _descriptors(usable(request)), user_verification=_VERIFICATION[purpose]
    )
    _remember(request, purpose, state)
    return json.dumps(dict(options)["publicKey"])


def _parse(answer: str) -> dict[str, Any]:
    parsed = json.loads(answer) if len(answer) <= LONGEST else None
    if not isinstance(parsed, dict):
        raise ValueError("not an answer of a passkey")
    return parsed


def _is_sound(data: AttestedCredentialData) -> bool:
    """Whether signatures can be checked with it: a key cut short or of an unknown kind would lock its owner
    out.
    """
    try:
        data.public_key.verify(b"", b"")
    except InvalidSignature:
        return True
    except _WRONG:
        return False
    return False


def made(request: HttpRequest, answer: str, name: str) -> Passkey | None:
    """The new passkey, not saved yet; None when the answer is not what was asked for, here and now, or the
    passkey is known already.
    """
    state = _recall(request, CREATE)
    if state is None:
        return None
    try:
        found = _server(request).register_complete(state, _parse(answer))
    except _WRONG:
        return None
    data = found.credential_data
    if data is None or not _is_sound(data):
        return None
    digest = hashlib.sha256(data.credential_id).hexdigest()
    if Passkey.objects.filter(digest=digest).exists():
        return None
    return Passkey(
        user_id=pk_of(request.user),
        name=name,
        host=host_of(request),
        digest=digest,
        credential=bytes(data),
        counter=found.counter,
        created_at=timezone.now(),
    )


def shown(request: HttpRequest, answer: str, purpose: str = STEP) -> Passkey | None:
    """The passkey that answered this session's challenge, its use recorded.

    None when the answer is wrong, also when the authenticator's counter stands still: then there are two of
    it.
    """
    state = _recall(request, purpose)
    if state is None:
        return None
    with transaction.atomic():
        known = Passkey.objects.select_for_update().filter(user_id=pk_of(request.user), host=host_of(request))
        passkeys = {_data(one).credential_id: one for one in known}
        try:
            parsed = _parse(answer)
            credentials = [_data(one) for one in passkeys.values()]
            data = _server(request).authenticate_complete(state, credentials, parsed)
            counter = AuthenticationResponse.from_dict(parsed).response.authenticator_data.counter
        except _WRONG:
            return None
        passkey = passkeys[data.credential_id]
        if counter <= passkey.counter and (counter or passkey.counter):
            return None
        passkey.counter, passkey.last_used_at = counter, timezone.now()
        passkey.save(update_fields=["counter", "last_used_at"])
    return passkey
