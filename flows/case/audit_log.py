"""The audit log (händelselogg): what was taken in, held, excepted, run, reviewed, attested, filed
and paid.

One JSON line an event, each with the hash of the line before, so that no line can be changed, moved
or taken out unseen. The state of a final report and the entries of its ledger are read from the log
and kept nowhere else.

What is large and seldom changes is said once. An event that has it again names the one that said it
first (`as_in`); whoever reads the log here gets it as if it stood in both.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..base import places, swedish
from ..model import log_lines, report_state
from ..model.case import Entry, Event, Review
from ..model.fingerprints import canonical, hash_of
from ..model.log_lines import AS_IN, NOTHING, BrokenLogError

LOG = places.LOG
_SENTENCES: Mapping[str, str] = {
    "taken_in": "Filen {file} togs in.",
    "held": "Redovisningen {file} från {board} väntar på rättelse: {rules}.",
    "excepted": "Undantag från {rule} för {board}: {why}",
    "run": "{what} per {as_of}: {grants}.",
    "reconciled": "{grant} stämdes av till och med {period_end}.",
    "fell_back": "Underlaget eller beloppen ändrades, så rapporten om {grant} är åter utkast.",
    "rules_changed": "Programmets regler ändrades, så rapporten om {grant} är åter utkast.",
    "corrected": "Underlaget eller beloppen ändrades efter inlämningen, så en rättelse av {grant} "
    "har påbörjats.",
    "reviewed": "Rapporten om {grant} granskades den {on} av {by}.",
    "attested": "Rapporten om {grant} attesterades den {on} av {by}.",
    "returned": "Rapporten om {grant} återlämnades den {on} av {by}: {why}",
    "filed": "Rapporten om {grant} lämnades in den {on} av {by}.",
    "claimed": "Krav på {amount} avseende {grant}, {reference}, den {on}.",
    "relieved": "Nedsättning med {amount} avseende {grant}, {reference}, den {on}.",
    "paid": "Betalning av {amount} avseende {grant}, {reference}, den {on}.",
    "reopened": "Ett nytt krav har kommit, så återbetalningen avseende {grant} är inte längre "
    "reglerad.",
    "repaid": "Hela återbetalningen avseende {grant} är reglerad den {on}.",
    "written": "{place} skrevs.",
    "placed": "{file} skrevs.",
    "drafted": "Brev lades i utkorgen: {count}.",
    "inventoried": "Allt som skrivs i mappen skrivs upp från och med nu.",
    "repaired": "{what}",
    "watched": "Fristerna gicks igenom per {as_of}.",
    "packaged": "Paketet {file} gjordes för {grant}.",
    "entered": "{by} loggade in på Skrivbordet.",
    "left": "{by} loggade ut från Skrivbordet.",
    "answered": "{by} svarade på {rule} i {file}: {text}",
    "amended": "{by} förde in i {file}: {what}.",
    "posted": "{by} antecknade om brevet {file}: {what}.",
    "received": "{file} lämnades in av {by}, med kvittensen {receipt}.",
}
"""What happened, by the kind of the event; the places are filled from its details."""

OF_THE_DESK = frozenset({"entered", "left", "received", "answered", "posted"})
"""What happens at the desk's door, and changes nothing of where a grant stands."""
_ENTRIES = {"claimed", "relieved", "paid"}

_SAID_ONCE: Mapping[str, tuple[str, ...]] = {"reconciled": ("figures", "rules"), "run": ("rules",)}
"""By the kind of an event, the details that are left out of it when an earlier event has the
same."""
_SAID_IN_PART: Mapping[str, tuple[str, ...]] = {"run": ("database",)}
"""And the details of which it has what differs from the latest event that has them; null is what is
gone."""


class Log:
    """The events so far; `add` puts one more last. Nothing is on disk until somebody writes
    `text`."""

    def __init__(self, events: Iterable[Event] = (), text: str = "") -> None:
        self.events, self.text = list(events), text
        self.login: str | None = None
        """The login of whoever the lines that are added are by; None where nobody is logged in."""
        self._of_kind: dict[str, list[Event]] = {}
        self._first: dict[str, dict[str, int]] = {}
        for event in self.events:
            self._of_kind.setdefault(event.kind, []).append(event)

    @classmethod
    def read(cls, path: Path, known: "Log | None" = None) -> "Log":
        """The log of an out folder, empty when there is none yet; where it begins with the text of
        one that is known, only what comes after is read.

        Raises BrokenLogError for the first wrong line.
        """
        if not path.exists():
            return cls()
        text = path.read_text("utf-8", "surrogateescape")
        if known is None or not text.startswith(known.text):
            known = cls()
        events = list(known.events)
        try:
            events.extend(log_lines.events(text[len(known.text) :], path.name, known.events))
        except BrokenLogError as error:
            error.last = events[-1] if events else None
            raise
        return cls(events, text)

    @property
    def sha256(self) -> str:
        """The hash of the last line, which stands for the whole log."""
        return self.events[-1].sha256 if self.events else NOTHING

    def copy(self) -> "Log":
        """The same log, to go on from without changing this one."""
        log = Log(self.events, self.text)
        log.login = self.login
        return log

    def add(
        self, kind: str, at: str, *, by: str | None = None, grant: str | None = None, **details: Any
    ) -> Event:
        """One more event, recorded `at` a moment; `details` are text, numbers, lists and mappings
        of such."""
        if self.login is not None:
            details["login"] = self.login
        words: dict[str, str | None] = {"grant": grant, "by": by}
        for name, value in details.items():
            words[name] = swedish.say(value)
        body = _plain(
            {
                "number": len(self.events) + 1,
                "recorded_at": at,
                "kind": kind,
                "grant": grant,
                "by": by,
                "sentence": _sentence(kind, details.get("report")).format_map(words),
                "details": details,
                "previous": self.sha256,
            }
        )
        body["details"] = self._shortened(body)
        line = canonical(body | {"sha256": hash_of(body)})
        self.text += line + "\n"
        event = log_lines.event(json.loads(line), self.events)
        self.events.append(event)
        self._of_kind.setdefault(kind, []).append(event)
        return event

    def _shortened(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The details of an event as its line has them: without what stands in an earlier line."""
        kind, number, details = body["kind"], body["number"], body["details"]
        shown: dict[str, Any] = dict(details)
        as_in: dict[str, int] = {}
        for name in _SAID_ONCE.get(kind, ()):
            if name not in details:
                continue
            first = self._first_with(name).setdefault(hash_of(details[name]), number)
            if first != number:
                as_in[name] = first
                del shown[name]
        for name in _SAID_IN_PART.get(kind, ()):
            latest = self._latest_with(name)
            if name in details and latest is not None:
                as_in[name] = latest.number
                shown[name] = _differences(latest.details[name], details[name])
        if as_in:
            shown[AS_IN] = as_in
        return shown

    def _latest_with(self, name: str) -> Event | None:
        """The latest event that has a detail."""
        for event in reversed(self.events):
            if name in event.details:
                return event
        return None

    def _first_with(self, name: str) -> dict[str, int]:
        """By the hash of each value that a detail has had, the number of the event that had it
        first."""
        if name not in self._first:
            self._first[name] = self._firsts(name)
        return self._first[name]

    def _firsts(self, name: str) -> dict[str, int]:
        firsts: dict[str, int] = {}
        # Most events share their value with another: it is the same object, and hashed once.
        hashes: dict[int, str] = {}
        for event in self.events:
            if name not in event.details:
                continue
            value = event.details[name]
            if id(value) not in hashes:
                hashes[id(value)] = hash_of(value)
            firsts.setdefault(hashes[id(value)], event.number)
        return firsts

    def about(self, grant_id: str, *kinds: str, report_id: str | None = None) -> list[Event]:
        """A grant's events of some kinds, all when none is named, oldest first: those about an
        interim report, or else all but those about any."""
        events = []
        for event in self.events:
            is_about = event.grant_id == grant_id and event.details.get("report") == report_id
            if is_about and (not kinds or event.kind in kinds):
                events.append(event)
        return events

    def interim_reports(self, grant_id: str) -> list[str]:
        """The interim reports of a grant that have been made, by their ids, the first one first."""
        made = []
        for event in self._of_kind.get("reconciled", ()):
            report_id = event.details.get("report")
            if event.grant_id == grant_id and report_id and report_id not in made:
                made.append(report_id)
        return made

    def has(self, kind: str, **details: object) -> bool:
        """Whether an event of the kind with these details is there already."""
        wanted = _plain(details)
        events = self._of_kind.get(kind, ())
        return any(wanted.items() <= event.details.items() for event in events)

    def written(self) -> dict[str, dict[str, str]]:
        """The folders that have been published, each with the SHA-256 of its files as it was
        written last."""
        written = [event.details for event in self.events if event.kind == "written"]
        return {details["place"]: details["files"] for details in written}

    def placed(self) -> dict[str, str]:
        """The SHA-256 of what has been published as a file of its own, such as a package, as it was
        written last."""
        alone = [event.details for event in self.events if event.kind in {"placed", "packaged"}]
        return {details["file"]: details["sha256"] for details in alone}

    def inventory(self) -> Mapping[str, str] | None:
        """What lay there already when all that is written began to be told; None in a log from
        before that."""
        for event in self._of_kind.get("inventoried", ()):
            files: Mapping[str, str] = event.details["files"]
            return files
        return None

    def letters(self) -> tuple[dict[str, str], set[str]]:
        """The SHA-256 of every draft of a letter by its name, and which of them may be gone: they
        were replaced."""
        drafts: dict[str, str] = {}
        replaced: set[str] = set()
        for event in self.events:
            if event.kind != "drafted":
                continue
            files = event.details["files"]
            drafts |= files
            replaced -= files.keys()
            replaced |= set(event.details["replaced"])
        return drafts, replaced

    def review(
        self, grant_id: str, until: int | None = None, report_id: str | None = None
    ) -> Review | None:
        """Where a grant's final report, or an interim one, stands after all that has happened, or
        after the event of some number.

        None before its first run.
        """
        events = self.about(grant_id, report_id=report_id)
        if until is not None:
            events = [event for event in events if event.number <= until]
        return report_state.review_after(events)

    def entries(self, grant_id: str) -> list[Entry]:
        """The rows that people have entered in a grant's repayment ledger, oldest first."""
        return [_entry(event) for event in self.about(grant_id) if event.kind in _ENTRIES]


def _sentence(kind: str, report_id: str | None) -> str:
    """What happened, by the kind of the event, with places for its details."""
    sentence = _SENTENCES[kind]
    if report_id is None:
        return sentence
    for said, instead in (
        ("Rapporten om", "Delrapporten {report} om"),
        ("rapporten om", "delrapporten {report} om"),
    ):
        if said in sentence:
            return sentence.replace(said, instead)
    return f"{sentence} Det gäller delrapporten {{report}}."


def _entry(event: Event) -> Entry:
    details = event.details
    due_on = details["due_on"]
    return Entry(
        kind=details["entry"],
        board_id=details["board_id"],
        amount_sek=Decimal(details["amount_sek"]),
        on=date.fromisoformat(details["on"]),
        reference=details["reference"],
        by=event.by or "",
        ground=details["ground"],
        due_on=date.fromisoformat(due_on) if due_on else None,
        why=details["why"],
    )


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What a mapping has otherwise than another; None where it has nothing any more."""
    changed = {name: value for name, value in after.items() if before.get(name) != value}
    return changed | dict.fromkeys(before.keys() - after.keys())


def _plain(details: Mapping[str, Any]) -> Any:
    """An event as a later reader sees it: as JSON, and a file name's bytes that are no text as
    question marks."""
    text = json.dumps(details, ensure_ascii=False, default=str)
    return json.loads(text.encode("utf-8", "replace"))
