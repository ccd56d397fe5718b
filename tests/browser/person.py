"""Somebody at a browser: does things by what is written on the page, and looks whether everybody can."""

from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class Person:
    """A page and the checks every page must pass. `complaints`: errors of scripts, CSP and network."""

    def __init__(self, page: Page, axe: str, shots: Path) -> None:
        self.page, self.axe, self.shots = page, axe, shots
        self.complaints: list[str] = []
        self.expected_status: set[int] = set()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))

    def _heard(self, message: ConsoleMessage) -> None:
        text = message.text
        if message.type != "error" or any(f"status of {status}" in text for status in self.expected_status):
            return
        self.complaints.append(f"{self.page.url}: {text}")

    def go(self, path: str) -> None:
        self.page.goto(path)

    def sign_in(self, username: str = "admin", password: str = "admin-pass") -> None:
        self.go("/sign-in/")
        self.page.locator("[name=username]").fill(username)
        self.page.locator("[name=password]").fill(password)
        self.press("Sign in")

    def fill(self, **fields: str) -> None:
        for name, value in fields.items():
            self.page.locator(f"main [name={name}]").fill(value)

    def press(self, verb: str) -> None:
        """A button of the page's own content, by its verb."""
        self.page.get_by_role("button", name=verb, exact=True).locator("visible=true").first.click()
        self.page.wait_for_load_state()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name, exact=True).locator("visible=true").first.click()
        self.page.wait_for_load_state()

    def sees(self, text: str) -> None:
        self.page.locator("main").get_by_text(text).locator("visible=true").first.wait_for()

    def violations(self) -> list[dict[str, Any]]:
        self.page.evaluate(self.axe)
        options = {"runOnly": RULES, "resultTypes": ["violations"]}
        found = self.page.evaluate("options => axe.run(document, options)", options)["violations"]
        return [
            {"help": rule["help"], "at": [node["html"][:200] for node in rule["nodes"]]} for rule in found
        ]

    def look(self, name: str) -> None:
        """Check the page in light, dark and on a phone, and keep a picture of each."""
        self.shots.mkdir(parents=True, exist_ok=True)
        for scheme, width in (("light", 1280), ("dark", 1280), ("light", 390)):
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.screenshot(path=self.shots / f"{name}-{scheme}-{width}.png", full_page=True)
            found = self.violations()
            assert found == [], f"{name}, {scheme}, {width} px wide: {self.page.url}: {found}"
            sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert self.page.evaluate(sideways) <= 0, f"{name} scrolls sideways at {width} px"
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size({"width": 1280, "height": 900})
