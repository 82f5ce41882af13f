"""A login service (OpenID provider) on this machine, as a process of its own."""

import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urljoin, urlsplit

import httpx

from tests.support.desks import OpenDesk, Visitor

NAMES = {
    "maria.ek": "Maria Ek",
    "ola.berg": "Ola Berg",
    "sara.lind": "Sara Lind",
    "karl.rev": "Karl Rev",
    "farsta": "Fia Farsta",
    "okand": "Okänd Person",
}
"""Who can log in there, by `sub`."""


@contextmanager
def provider(names: Mapping[str, str] = NAMES) -> Iterator[str]:
    """While it lasts people can log in at the address that comes back."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    claims = [json.dumps({"sub": sub, "name": name}) for sub, name in names.items()]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    command += [word for one in claims for word in ("--user-claims", one)]
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            until = time.monotonic() + 60
            while True:
                try:
                    httpx.get(f"{address}/.well-known/openid-configuration", trust_env=False)
                    break
                except httpx.HTTPError:
                    assert process.poll() is None
                    assert time.monotonic() < until
                    time.sleep(0.1)
            yield address
        finally:
            process.kill()


def logged_in(desk: OpenDesk, sub: str, path: str = "/") -> tuple[Visitor, httpx.Response]:
    """Somebody who has logged in by the provider on their way to a page, and what they then got."""
    visitor = desk.visitor(x="y")
    answer = to_provider(visitor, path)
    answer = at_provider(answer, sub)
    return visitor, visitor.client.get(answer, follow_redirects=True)


def to_provider(visitor: Visitor, path: str) -> str:
    """The address at the provider to which somebody is sent who asks for a page."""
    answer = visitor.get(path)
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].startswith("/logga-in?till=")
    answer = visitor.get(answer.headers["location"])
    assert answer.status_code == 302, answer.text
    return str(answer.headers["location"])


def at_provider(address: str, sub: str) -> str:
    """The address at the desk to which the provider sends somebody back who has logged in there."""
    with httpx.Client(trust_env=False) as browser:
        assert re.search("name=.sub.", browser.get(address).text)
        answer = browser.post(address, data={"sub": sub})
        assert answer.status_code in {302, 303}, answer.text
        back = urljoin(address, answer.headers["location"])
    assert urlsplit(back).path == "/logga-in/svar"
    return back
