"""`make audit`: what is installed is what the lock says, under licences we know, and no secret lies
in the repository.

    python -m tests.tools.audit [--list]

It needs no network. Known vulnerabilities are looked up only where pip-audit is installed and
reaches its source.
"""

import argparse
import base64
import csv
import hashlib
import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[2]
LICENCES: Mapping[str, str] = {
    "0BSD": r"0BSD|Zero-Clause BSD",
    "Apache-2.0": r"Apache-2\.0|Apache Software License|Apache License,?( Version)? 2\.0",
    "BSD": r"BSD-[23]-Clause|(3-Clause )?BSD( License)?",
    "CC0-1.0": r"CC0-1\.0",
    "CNRI-Python": r"CNRI-Python",
    "HPND": r"(MIT-)?(CMU|HPND)|Historical Permission Notice and Disclaimer \(HPND\)",
    "ISC": r"ISC( License)?( \(ISCL\))?",
    "MIT": r"(The )?MIT( License)?|MIT-0",
    "MPL-2.0": r"MPL[- ]2\.0|Mozilla Public License 2\.0( \(MPL 2\.0\))?",
    "PSF-2.0": r"PSF-2\.0|(Python Software Foundation|PSF)( License)?",
    "Python-2.0": r"Python-2\.0(\.1)?",
    "Unlicense": r"(The )?Unlicense( \(Unlicense\))?",
    "Zlib": r"Zlib",
}
"""Licences that let a city use, change and pass on; each with the ways in which packages write
it."""
EXCEPTIONS: Mapping[str, tuple[str, str]] = {
    "axe-playwright-python": (
        "states none",
        "it has an MIT licence file, and the axe-core within it is MPL-2.0; only the tests use it",
    ),
    "docxtpl": (
        "LGPL-2.1-only",
        "it is imported as it is, is not altered, and can be exchanged by whoever installs it",
    ),
    "pypdfium2": (
        "BSD-3-Clause, Apache-2.0, dependency licenses",
        (
            "those of PDFium and of what is built into it lie in the package, and let one use, change "
            "and pass on: BSD, MIT, zlib, FreeType, IJG, libpng, libtiff, Boost and Unicode"
        ),
    ),
    "text-unidecode": (
        (
            "Artistic License AND GNU General Public License (GPL) AND GNU General Public License v2 "
            "or later (GPLv2+)"
        ),
        (
            "its licence file lets one choose, and we choose the Artistic License; Prefect needs it, "
            "we never call it"
        ),
    ),
}
"""Package -> the licence that it states, and why it may be used all the same."""


# -- the lock --------------------------------------------------------------------------------------


def normal(name: str) -> str:
    """A package's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(lock: str) -> dict[str, str]:
    """The packages of a requirements.lock that belong on this machine: name -> version."""
    from packaging.markers import Marker

    found = {}
    for line in re.findall(r"^([A-Za-z0-9].*?)\s*\\?$", lock, re.MULTILINE):
        stated, _, marker = line.partition(";")
        name, _, version = stated.strip().partition("==")
        if not marker.strip() or Marker(marker.strip()).evaluate():
            found[normal(name)] = version.strip()
    return found


def installed() -> dict[str, metadata.Distribution]:
    """What is installed beside this Python, by name; not the program itself."""
    return {
        normal(one.metadata["Name"]): one
        for one in metadata.distributions()
        if one.metadata["Name"] != "statsbidrag"
    }


def differences(
    lock: Mapping[str, str], found: Mapping[str, metadata.Distribution]
) -> Iterator[str]:
    """How what is installed differs from the lock, a sentence each."""
    for name, version in sorted(lock.items()):
        if name not in found:
            yield f"{name} {version} is in the lock but not installed"
        elif found[name].version != version:
            yield f"{name} is {found[name].version}, but the lock says {version}"
    for name in sorted(found.keys() - lock.keys() - {"pip", "setuptools"}):
        yield f"{name} {found[name].version} is installed but not in the lock"


def altered(one: metadata.Distribution) -> Iterator[str]:
    """The files of a package that are not as its RECORD says, a sentence each."""
    record = one.read_text("RECORD")
    if record is None:
        yield f"{one.metadata['Name']}: there is no RECORD to hold its files against"
        return
    for path, digest, _ in csv.reader(record.splitlines()):
        if not digest:
            continue
        method, _, wanted = digest.partition("=")
        try:
            content = Path(str(one.locate_file(path))).read_bytes()
        except OSError:
            yield f"{one.metadata['Name']}: {path} is missing"
            continue
        if (
            base64.urlsafe_b64encode(hashlib.new(method, content).digest()).rstrip(b"=").decode()
            != wanted
        ):
            yield f"{one.metadata['Name']}: {path} has been altered"


# -- licences --------------------------------------------------------------------------------------


def licence(one: metadata.Distribution) -> str:
    """The licence that a package states: as an SPDX expression, else by its classifiers, else in
    its own words."""
    about = one.metadata
    if "License-Expression" in about:
        return about["License-Expression"]
    classified = [
        c.rpartition(" :: ")[2]
        for c in about.get_all("Classifier") or []
        if c.startswith("License :: ")
    ]
    told = [c for c in classified if c != "OSI Approved"]
    if told:
        return " AND ".join(told)
    return about["License"].strip().splitlines()[0][:80] if "License" in about else "states none"


def is_allowed(stated: str) -> bool:
    """Whether a licence is on the list: of those that all apply each must be, of those to choose
    between one."""
    return all(any(map(_is_known, group.split(" OR "))) for group in stated.split(" AND "))


def _is_known(part: str) -> bool:
    spellings = (part.strip(), part.strip().strip("()").removesuffix(" WITH LLVM-exception"))
    return any(
        re.fullmatch(known, said, re.IGNORECASE)
        for known in LICENCES.values()
        for said in spellings
    )


def unlicensed(found: Iterable[metadata.Distribution]) -> Iterator[str]:
    """The packages whose licence is neither on the list nor an exception with a reason, a sentence
    each."""
    for one in found:
        name, stated = normal(one.metadata["Name"]), licence(one)
        if not is_allowed(stated) and EXCEPTIONS.get(name, ("", ""))[0] != stated:
            yield f"{name}: its licence ({stated}) is not on the list"


# -- the repository --------------------------------------------------------------------------------

SECRETS: Mapping[str, str] = {
    "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
    "a token": r"\b(?:ghp_|gho_|github_pat_|glpat-|xox[abpr]-|sk-|AKIA|AIza|pypi-AgE)[A-Za-z0-9_-]{16,}",
    "a password": r"(?im)^\s*[\"']?[a-z_.]*(?:password|passwd|losenord|lösenord|secret|token|api_?key)[\"']?\s*[:=]\s*"
    r"[\"']?(?![\"'\s${<%*x]|env|null|none|true|false)[^\s\"'#]{6,}",
    "a password in an address": r"\b[a-z][a-z0-9+]*://[^\s/:@\"'{$<]+:(?!\$|\{|<|LÖSENORD)[^\s/:@\"'{$<]+@[a-zåäö0-9]",
    "a path of somebody's machine": r"(?<![\w./])/(?:home|Users|root|work)/[A-Za-z0-9_][\w./-]*",
    "the address of a registry": r"(?m)^\s*(?:--(?:extra-)?index-url|index-url\s*=|registry\s*=)",
}
"""What must not lie in the repository, and how it looks."""
_SETTINGS = (".toml", ".yaml", ".yml", ".env", ".ini", ".cfg", ".json", ".exempel", ".lock")
"""Passwords are sought in these; in code and prose the word is most often about one."""


def secrets(name: str, text: str) -> Iterator[str]:
    """What in a file's text looks like a secret or tells of a machine: a sentence each, which
    doesn't repeat it."""
    for what, pattern in SECRETS.items():
        if what == "a password" and not name.endswith(_SETTINGS):
            continue
        for match in re.finditer(pattern, text):
            yield f"{name}:{text.count(chr(10), 0, match.start()) + 1}: looks like {what}"


def tracked(root: Path) -> list[Path]:
    """The files that git keeps, or would."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, capture_output=True, check=True).stdout.decode()
    return [
        root / name for name in sorted(set(listed.split("\0"))) if name and (root / name).is_file()
    ]


def told_by(root: Path) -> Iterator[str]:
    """All that the repository's files tell and shouldn't."""
    for path in tracked(root):
        content = path.read_bytes()
        if b"\0" not in content:
            yield from secrets(
                path.relative_to(root).as_posix(), content.decode("utf-8", "replace")
            )


# -- known vulnerabilities -------------------------------------------------------------------------


def vulnerabilities(lock: Path) -> tuple[list[str], str]:
    """What pip-audit says of the lock, and a sentence on whether it could be asked."""
    if importlib.util.find_spec("pip_audit") is None:
        return [], "Known vulnerabilities were not looked up: pip-audit is not installed."
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "--disable-pip",
        "--require-hashes",
        "--no-deps",
        "-r",
        str(lock),
    ]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    if asked.returncode == 0:
        return [], "Known vulnerabilities: none that pip-audit knows of."
    if re.search(r"^Name\s+Version\s+ID", asked.stdout, re.MULTILINE):
        return [
            f"pip-audit: {line}" for line in asked.stdout.splitlines()[2:]
        ], "Known vulnerabilities: see above."
    return [], "Known vulnerabilities were not looked up: pip-audit could not reach its source."


def main(arguments: list[str] | None = None) -> int:
    """Say what is wrong; the exit code is 1 when anything is."""
    asked = argparse.ArgumentParser(prog="python -m tests.tools.audit", description=__doc__)
    asked.add_argument(
        "--list", action="store_true", help="print every package with its version and licence"
    )
    show = asked.parse_args(arguments).list
    lock = ROOT / "requirements.lock"
    found, wanted = installed(), pins(lock.read_text("utf-8"))
    if show:
        for name, one in sorted(found.items()):
            print(f"{name} {one.version}: {licence(one)}")
    known, sentence = vulnerabilities(lock)
    wrong = [
        *differences(wanted, found),
        *(problem for _, one in sorted(found.items()) for problem in altered(one)),
        *unlicensed(one for _, one in sorted(found.items())),
        *told_by(ROOT),
        *known,
    ]
    for problem in wrong:
        print(problem, file=sys.stderr)
    print(
        f"{len(found)} packages, {len(wanted)} in the lock for this machine; {len(wrong)} things "
        "are wrong."
    )
    for name, (stated, why) in sorted(EXCEPTIONS.items()):
        print(f"Exception: {name} ({stated}): {why}")
    print(sentence)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
