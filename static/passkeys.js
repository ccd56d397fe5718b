// Passkeys: asks the browser for one when the form is sent, then sends the form with its answer.
(() => {
  "use strict";
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const base64url = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const withIds = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  async function create(options) {
    const user = { ...options.user, id: bytes(options.user.id) };
    const publicKey = { ...options, user, challenge: bytes(options.challenge), excludeCredentials: withIds(options.excludeCredentials) };
    const made = await navigator.credentials.create({ publicKey });
    return { made, response: { attestationObject: base64url(made.response.attestationObject) } };
  }

  async function get(options) {
    const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: withIds(options.allowCredentials) };
    const made = await navigator.credentials.get({ publicKey });
    const { authenticatorData, signature, userHandle } = made.response;
    const response = { authenticatorData: base64url(authenticatorData), signature: base64url(signature) };
    if (userHandle) response.userHandle = base64url(userHandle);
    return { made, response };
  }

  async function answer(form) {
    const options = JSON.parse(form.dataset.options);
    const { made, response } = await (form.dataset.passkey === "create" ? create(options) : get(options));
    response.clientDataJSON = base64url(made.response.clientDataJSON);
    return JSON.stringify({
      id: made.id, rawId: base64url(made.rawId), type: made.type, response,
      clientExtensionResults: made.getClientExtensionResults(),
    });
  }

  function say(form, text) {
    const place = form.querySelector("[data-passkey-said]");
    place.hidden = !text;
    place.querySelector("[data-passkey-words]").textContent = text;
  }

  const WORDS = { NotAllowedError: "cancelled", AbortError: "cancelled", InvalidStateError: "known" };

  function prepare(form) {
    const field = form.elements.namedItem("answer");
    const able = window.isSecureContext && window.PublicKeyCredential;
    field.value = ""; // never an answer of before
    say(form, able ? "" : form.dataset.unable);
    if (!able) return;
    form.querySelector("button[type=submit]").hidden = false;
    form.addEventListener("submit", async (event) => {
      if (field.value || !form.reportValidity()) return;
      event.preventDefault();
      say(form, "");
      try {
        field.value = await answer(form);
      } catch (error) {
        say(form, form.dataset[WORDS[error.name] || "failed"]);
        return;
      }
      form.requestSubmit();
    });
  }

  document.querySelectorAll("form[data-passkey]").forEach(prepare);
  window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); }); // a challenge is answered once
})();
