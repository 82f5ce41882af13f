"""Reviews of a report, from not yet known to repaid."""

from dataclasses import replace
from datetime import date

from statsbidrag.model.case import Act, Move, ReportState, Review

WHY = "MFoF ska ha återrapporten senast den 1 februari."


REVIEWED = Act(ReportState.REVIEWED, "Gun Granskare", date(2024, 1, 22))


ATTESTED = Act(ReportState.ATTESTED, "Atle Attestant", date(2024, 1, 24), WHY)


FILED = Act(ReportState.FILED, "Kim Körare", date(2024, 1, 31))


REPAID = Act(ReportState.REPAID, "Ester Ekonom", date(2024, 3, 4))


DRAFT = Review("a1" * 32, "b2" * 32, run_by="Kim Körare")


MOVED = (
    Move("to_repay_sek", None, None, "1440001.00", "1432619.00"),
    Move("return_status", "bromma", None, "accepted", "held"),
    Move("wrong_purpose_sek", "enskede-arsta-vantor", None, None, "102680.50"),
    Move("used_share", "farsta", None, "0.9000", "0.9277"),
    Move("eligible_sek", "farsta", "alla", "1.00", "2.00"),
)


def taken(*acts: Act, version: int = 1, moved: tuple[Move, ...] = ()) -> Review:
    """The review after these steps."""
    log = "c3" * 32 if ATTESTED in acts else None
    return replace(
        DRAFT, state=acts[-1].state, acts=acts, log_sha256=log, version=version, moved=moved
    )


REVIEWS: dict[str, Review | None] = {
    "not yet known": None,
    "draft": DRAFT,
    "moved": replace(DRAFT, moved=MOVED),
    "reviewed": taken(REVIEWED),
    "attested": taken(REVIEWED, ATTESTED),
    "filed": taken(REVIEWED, ATTESTED, FILED),
    "correction": taken(REVIEWED, ATTESTED, version=2, moved=MOVED),
    "repaid": taken(REVIEWED, ATTESTED, FILED, REPAID),
}
