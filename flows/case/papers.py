"""The paper to the committee on reports of a case."""

from pathlib import Path

from ..base.errors import InputError
from ..documents import committee_paper
from .audit_log import LOG, Log
from .casefile import latest_report


def paper(data: Path, out: Path, grant_ids: list[str], report_id: str | None = None) -> bytes:
    """A draft tjänsteutlåtande on the latest final reports of some grants, or on an interim report
    of one, as a Word file."""
    log = Log.read(out / LOG)
    if report_id is not None and len(grant_ids) != 1:
        raise InputError("Ange vilket statsbidrag delrapporten gäller, ett enda.")
    reports = [latest_report(data, out, grant_id, log, report_id) for grant_id in grant_ids]
    results = [result for result, _ in reports]
    _, decided = reports[-1]
    unknown = [result.grant for result in results if not result.grant.has_amounts]
    if unknown and len(results) > 1:
        raise InputError(
            f"Beloppet för {unknown[0].short_name} är okänt. Skriv ett eget utlåtande om det."
        )
    if report_id is not None or unknown:
        return committee_paper.approving_paper(results[0], decided)
    return committee_paper.paper(results, decided)
