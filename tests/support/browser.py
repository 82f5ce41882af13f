"""A real Chromium without a window, for the tests that look at pages: it opens what it is told, and
answers."""

import json
import shutil
import subprocess
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from websockets.sync.client import ClientConnection, connect

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
_QUIET = (
    *(
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--no-default-browser-check",
    ),
    *(
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-extensions",
    ),
    *("--remote-debugging-port=0", "--force-color-profile=srgb"),
)
_PATIENCE_SECONDS = 60


class Tab:
    """One tab, steered by Chromium's own protocol (DevTools).

    `requests` is every address that its page asked for, `answers` what came back for some of them,
    and how.
    """

    def __init__(self, wire: ClientConnection) -> None:
        self.requests: list[str] = []
        self.answers: list[tuple[str, int]] = []
        self._wire, self._number, self._session = wire, 0, ""
        self._loaded = False
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)[
            "sessionId"
        ]
        for domain in ("Page", "Network"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **parameters: Any) -> Any:
        """The answer to one command."""
        self._number += 1
        told = {"id": self._number, "method": method, "params": parameters}
        self._wire.send(json.dumps(told | ({"sessionId": self._session} if self._session else {})))
        while True:
            answer = self._hear()
            if answer.get("id") == self._number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]

    def _hear(self) -> Any:
        heard = json.loads(self._wire.recv(_PATIENCE_SECONDS))
        if heard.get("method") == "Network.requestWillBeSent":
            self.requests.append(heard["params"]["request"]["url"])
        if heard.get("method") == "Network.responseReceived":
            answer = heard["params"]["response"]
            self.answers.append((answer["url"], answer["status"]))
        self._loaded |= heard.get("method") == "Page.loadEventFired"
        return heard

    def open(self, page: Path, width: int, height: int = 900, **media: str) -> None:
        """Show a page at a width in CSS pixels, under 600 as a phone; media such as
        prefers_color_scheme="dark"."""
        self.resize(width, height)
        features = [
            {"name": name.replace("_", "-"), "value": value} for name, value in media.items()
        ]
        self.ask("Emulation.setEmulatedMedia", features=features)
        self.visit(page.absolute().as_uri())

    def visit(self, address: str) -> None:
        """Show what lies at an address, as if a person had written it in the browser."""
        with self._loading():
            went = self.ask("Page.navigate", url=address)
            assert "errorText" not in went, f"{address}: {went['errorText']}"

    def follow(self, address: str) -> None:
        """Show what lies at an address to which the page that is shown leads."""
        with self._loading():
            self.run(f"location.href = {json.dumps(address)}; null")

    def resize(self, width: int, height: int = 900) -> None:
        """Give the window a width in CSS pixels, under 600 as a phone's."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.ask("Emulation.setDeviceMetricsOverride", **size)

    def write(self, field: str, text: str) -> None:
        """Write in a field of a form, by its CSS selector, instead of what stands there."""
        self.run(
            f"(() => {{ const f = document.querySelector({json.dumps(field)}); f.focus(); "
            f"f.value = {json.dumps(text)}; }})()"
        )

    def attach(self, field: str, *paths: Path) -> None:
        """Choose files in a field of a form."""
        found = self.ask(
            "Runtime.evaluate", expression=f"document.querySelector({json.dumps(field)})"
        )
        self.ask(
            "DOM.setFileInputFiles",
            objectId=found["result"]["objectId"],
            files=[str(path) for path in paths],
        )

    def click(self, what: str) -> None:
        """Click on something that leads to another page, by its CSS selector."""
        with self._loading():
            self.run(f"document.querySelector({json.dumps(what)}).click(); null")

    def press(self, key: str, *, leads_on: bool = False) -> None:
        """Press a key; with `leads_on` one that leads to another page."""
        codes = {"Tab": 9, "Enter": 13, " ": 32}
        told = {"key": key, "code": key, "windowsVirtualKeyCode": codes[key]}
        text = {"text": "\r"} if key == "Enter" else {}

        def strike() -> None:
            self.ask("Input.dispatchKeyEvent", type="keyDown", **told, **text)
            self.ask("Input.dispatchKeyEvent", type="keyUp", **told)

        if leads_on:
            with self._loading():
                strike()
        else:
            strike()

    @property
    def text(self) -> str:
        """What the page says, with plain spaces."""
        said: str = self.run("document.body.innerText")
        return said.replace("\u00a0", " ")

    def picture(self, most_height: int = 1600) -> bytes:
        """The page as a PNG, from its top."""
        width = self.run("document.documentElement.clientWidth")
        height = min(self.run("document.documentElement.scrollHeight"), most_height)
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        shot = self.ask("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        return b64decode(shot["data"])

    @contextmanager
    def _loading(self) -> Iterator[None]:
        self.requests.clear()
        self.answers.clear()
        self._loaded = False
        yield
        while not self._loaded:
            self._hear()

    def run(self, script: str) -> Any:
        """What a script comes to in the page, once it is there if it is promised."""
        found = self.ask(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")


@contextmanager
def opened(names: str = "MAP * ~NOTFOUND") -> Iterator[Tab]:
    """A tab in a browser with a profile of its own, both gone afterwards; `names` says where names
    of hosts lead."""
    assert CHROMIUM
    with TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [
            CHROMIUM,
            *_QUIET,
            f"--host-resolver-rules={names}",
            f"--user-data-dir={profile}",
            "about:blank",
        ]
        with subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as browser:
            try:
                with connect(_address(Path(profile), browser), max_size=None, proxy=None) as wire:
                    yield Tab(wire)
                    wire.send(json.dumps({"id": 0, "method": "Browser.close"}))
                    browser.wait(_PATIENCE_SECONDS)
            finally:
                browser.kill()


def _address(profile: Path, browser: "subprocess.Popen[bytes]") -> str:
    """Where the browser listens, once it has said so."""
    said = profile / "DevToolsActivePort"
    until = time.monotonic() + _PATIENCE_SECONDS
    while not (said.exists() and said.read_text("ascii").count("\n")):
        assert browser.poll() is None, "Chromium did not start"
        assert time.monotonic() < until, "Chromium does not answer"
        time.sleep(0.05)
    port, path = said.read_text("ascii").split("\n")[:2]
    return f"ws://127.0.0.1:{port}{path}"
