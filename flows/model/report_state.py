"""Where a final report stands, by what the log tells of it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from ..base import swedish
from .case import Act, Actor, Event, ReportState, Review
from .fingerprints import moved

_STATES = {
    "reviewed": ReportState.REVIEWED,
    "attested": ReportState.ATTESTED,
    "filed": ReportState.FILED,
    "repaid": ReportState.REPAID,
    "reopened": ReportState.FILED,
}
"""The state that an event puts a report in."""
_UNDER_WAY = {ReportState.REVIEWED, ReportState.ATTESTED}
_AFTER_FILING = {ReportState.FILED, ReportState.REPAID}


def review_after(events: Iterable[Event]) -> Review | None:
    """Where a grant's final report stands after its events, or an interim one after its, oldest
    first; None before its first run."""
    story = _Story()
    for event in events:
        story.go_on(event)
    return story.review


class _Story:
    """Where a final report stands, event by event."""

    def __init__(self) -> None:
        self.review: Review | None = None
        self._runners: dict[tuple[str, str], list[Actor]] = {}
        """Who has run the report, by the hashes of its figures and inputs."""
        self._decided_figures: Mapping[str, Any] = {}
        """The figures that somebody decided on last: a first version that is run anew is compared
        with them."""
        self._filed_figures: Mapping[str, Any] = {}
        """The figures that were filed last: a correction is compared with them."""
        self._rules_sha256: str | None = None
        """The rules of the latest run."""

    def go_on(self, event: Event) -> None:
        """What an event of the grant makes of it."""
        if event.kind == "reconciled":
            if event.details["is_final"] or "report" in event.details:
                self._run(event)
        elif self.review is None:
            return
        elif event.kind in _STATES:
            self._step(self.review, event)
        elif event.kind == "returned":
            self.review = _as_draft(self.review)

    def _run(self, event: Event) -> None:
        """Other figures or inputs begin a review anew, and other rules make it a draft again."""
        details = event.details
        hashes = (details["figures_sha256"], details["inputs_sha256"])
        rules_sha256 = details.get("rules_sha256")
        review = self.review
        if review is None or (review.figures_sha256, review.inputs_sha256) != hashes:
            review = self._begun(hashes, details["figures"])
        elif rules_sha256 != self._rules_sha256 and review.state in _UNDER_WAY:
            review = _as_draft(review)
        self._rules_sha256 = rules_sha256
        runners = self._runners.setdefault(hashes, [])
        runner = Actor(event.by or "", details.get("login"))
        if event.by and runner not in runners:
            runners.append(runner)
        review = replace(review, runners=tuple(runners))
        if review.state is ReportState.DRAFT:
            names = dict.fromkeys(runner.name for runner in runners)
            review = replace(review, run_by=swedish.listing(names))
        self.review = review

    def _begun(self, hashes: tuple[str, str], figures: Mapping[str, Any]) -> Review:
        """A review from its beginning: a new version if the one before was filed."""
        version = 1
        if self.review is not None:
            version = self.review.version + (self.review.state in _AFTER_FILING)
        before = self._decided_figures if version == 1 else self._filed_figures
        return Review(*hashes, version=version, moved=tuple(moved(before, figures)))

    def _step(self, review: Review, event: Event) -> None:
        """Somebody has taken a step."""
        details = event.details
        on = date.fromisoformat(details["on"])
        act = Act(_STATES[event.kind], event.by or "", on, details.get("why"), details.get("login"))
        review = replace(review, state=act.state, acts=(*review.acts, act))
        if event.kind == "attested":
            # What has moved since an earlier draft is settled by the attest; what has moved since
            # an earlier filing is a correction, and stays one.
            still_moved = review.moved if review.version > 1 else ()
            review = replace(review, log_sha256=event.sha256, moved=still_moved)
        self._decided_figures = details.get("figures", self._decided_figures)
        if event.kind == "filed":
            self._filed_figures = self._decided_figures
        self.review = review


def _as_draft(review: Review) -> Review:
    return replace(review, state=ReportState.DRAFT, acts=(), log_sha256=None)
