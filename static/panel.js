// What the pages do beyond HTML and htmx. Everything works without it; nothing here builds HTML.
(() => {
  "use strict";
  const root = document.documentElement;
  const all = (selector, where = document) => [...where.querySelectorAll(selector)];
  const announce = (text) => {
    const place = document.getElementById("announcer");
    if (place) place.textContent = text;
  };

  // --- Theme: as the system, light, dark ------------------------------------------------------------
  const THEMES = ["auto", "light", "dark"];
  const theme = () => root.dataset.bsTheme || "auto";

  function setTheme(name) {
    if (name === "auto") delete root.dataset.bsTheme;
    else root.dataset.bsTheme = name;
    try {
      if (name === "auto") localStorage.removeItem("theme");
      else localStorage.setItem("theme", name);
    } catch { /* lasts for this page then */ }
  }

  function labelTheme(button) {
    button.setAttribute("aria-label", button.dataset[theme()]);
    button.title = button.dataset[theme()];
  }

  // --- Copying --------------------------------------------------------------------------------------
  async function copy(text) {
    if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
    const area = document.createElement("textarea"); // plain HTTP: the old way
    area.value = text;
    area.className = "visually-hidden";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (!done) throw new Error("copy");
  }

  function copied(button) {
    button.classList.add("is-copied");
    announce(document.body.dataset.copied || "");
    setTimeout(() => button.classList.remove("is-copied"), 1500);
  }

  // --- Passwords ------------------------------------------------------------------------------------
  const ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"; // no l, I, O, 0, 1: read out on the phone

  function letter() {
    const limit = 256 - (256 % ALPHABET.length); // no letter more likely than another
    for (;;) {
      const [value] = crypto.getRandomValues(new Uint8Array(1));
      if (value < limit) return ALPHABET[value % ALPHABET.length];
    }
  }

  // What vpopmail's etc/password_strength.conf compares (pwstr.c): bytes, and marks between Z and a count as lower case.
  function measure(text) {
    const bytes = [...new TextEncoder().encode(text)];
    const count = (low, high) => bytes.filter((byte) => byte >= low && byte <= high).length;
    const [upper, lower, digits, length] = [count(65, 90), count(91, 122), count(48, 57), bytes.length];
    const letters = upper + lower;
    return {
      length, alphabet: letters / length, numeric: digits / length, other: (length - letters - digits) / length,
      upperlower: Math.abs(upper - lower) / letters,
    };
  }

  const COMPARE = {
    "<": (a, b) => a < b, "<=": (a, b) => a <= b, "=": (a, b) => a === b, ">": (a, b) => a > b, ">=": (a, b) => a >= b,
  };

  function allowed(text, policy) {
    const values = measure(text);
    return Object.entries(policy).every(([name, [test, bound]]) => COMPARE[test](values[name], bound));
  }

  // Four groups of four, or more and with more marks where the policy wants that; "" when it lets nothing through.
  function generate(policy) {
    for (let attempt = 0; attempt < 600; attempt += 1) {
      const groups = Array.from({ length: 4 + Math.floor(attempt / 200) }, () => Array.from({ length: 4 }, letter).join(""));
      const text = groups.join(attempt % 200 < 100 ? "-" : "-+!");
      if (/[a-z]/.test(text) && /[A-Z]/.test(text) && /[2-9]/.test(text) && allowed(text, policy)) return text;
    }
    return "";
  }

  // Bits that an attacker who knows the kinds of letters must guess; repeated letters count once and a half.
  function bits(text) {
    const kinds = [[/[a-z]/, 26], [/[A-Z]/, 26], [/[0-9]/, 10], [/[^a-zA-Z0-9]/, 30]];
    const letters = kinds.reduce((sum, [kind, size]) => sum + (kind.test(text) ? size : 0), 0);
    const length = Math.min(text.length, new Set(text.toLowerCase()).size * 1.5);
    return letters ? length * Math.log2(letters) : 0;
  }

  function judge(input) {
    const meter = input.closest("[data-password]").nextElementSibling;
    const word = meter.querySelector(".meter-word");
    const guess = bits(input.value);
    const refused = !allowed(input.value, JSON.parse(input.closest("[data-password]").dataset.policy || "{}"));
    const strength = refused ? "refused" : guess < 45 ? "weak" : guess < 70 ? "fair" : "good";
    meter.hidden = !input.value;
    meter.dataset.strength = strength;
    if (word.textContent !== word.dataset[strength]) word.textContent = word.dataset[strength];
  }

  function reveal(box, shown) {
    const button = box.querySelector("[data-reveal]");
    box.querySelector("input").type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  }

  // The answer shows a generated password once more; one that a person typed is never shown.
  function mark(input, generated) {
    const field = input.form && input.form.elements.namedItem("generated");
    if (field) field.value = generated ? "on" : "";
  }

  function preparePassword(box) {
    const input = box.querySelector("input");
    all("button", box).forEach((button) => { button.hidden = false; });
    box.addEventListener("input", (event) => {
      judge(input);
      mark(input, !event.isTrusted); // the generator's own event is not the person's
    });
    box.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if ("reveal" in button.dataset) reveal(box, input.type === "password");
      else if ("copyInput" in button.dataset) copy(input.value).then(() => copied(button), () => input.select());
      else {
        input.value = generate(JSON.parse(box.dataset.policy || "{}")) || input.value;
        reveal(box, true);
        input.dispatchEvent(new Event("input", { bubbles: true }));
      }
    });
    if (input.value) judge(input);
  }

  // --- Forms ----------------------------------------------------------------------------------------
  function busy(form, on) {
    form.classList.toggle("is-busy", on);
    all("button[type=submit]", form).forEach((button) => { button.disabled = on; });
  }

  function prepareForm(form) {
    form.addEventListener("submit", (event) => {
      all("[data-password] input", form).forEach((input) => { input.type = "password"; }); // browsers then offer to keep it
      if (!event.defaultPrevented) setTimeout(() => busy(form, true)); // after the browser has taken the values
    });
  }

  // --- Everything, in a page and in every part that htmx brings ---------------------------------------
  function prepare(where) {
    all("[data-copy]", where).forEach((button) => { button.hidden = false; });
    all("[data-password]", where).forEach(preparePassword);
    all("form[data-form]", where).forEach(prepareForm);
    all("time[datetime]", where).forEach((time) => {
      time.title = new Date(time.dateTime).toLocaleString(root.lang, { dateStyle: "full", timeStyle: "long" });
    });
    const invalid = where.querySelector("[aria-invalid=true], .is-invalid");
    if (invalid) invalid.focus();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button.dataset.copy).then(() => copied(button), () => {});
    const search = document.querySelector("[data-search]");
    if (search && !search.contains(event.target)) document.getElementById("suggestions").replaceChildren();
  });

  document.addEventListener("keydown", (event) => {
    const input = document.querySelector("[data-search] input");
    if (!input) return;
    const typing = event.target.matches("input, textarea, select, [contenteditable]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      input.focus();
      input.select();
    }
    const suggestions = document.getElementById("suggestions");
    if (event.key === "Escape" && input.form.contains(event.target) && suggestions.hasChildNodes()) {
      event.preventDefault(); // the browser would empty the box; a second Escape may
      suggestions.replaceChildren();
      input.focus();
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") step(input, event);
  });

  // Up and down walk through the suggestions; the focus moves, so Enter follows the link.
  function step(input, event) {
    const links = [input, ...all("#suggestions a")];
    const at = links.indexOf(document.activeElement);
    if (at < 0 || links.length < 2) return;
    event.preventDefault();
    links[(at + (event.key === "ArrowDown" ? 1 : links.length - 1)) % links.length].focus();
  }

  window.addEventListener("pageshow", () => all("form.is-busy").forEach((form) => busy(form, false)));
  document.addEventListener("htmx:load", (event) => { if (event.target !== document.body) prepare(event.target); });

  prepare(document);
  all("[data-theme-toggle]").forEach((button) => {
    button.hidden = false;
    labelTheme(button);
    button.addEventListener("click", () => {
      setTheme(THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length]);
      labelTheme(button);
      announce(button.title);
    });
  });
})();
