"""What the accounts say beside a grant's returns: the extracts that there are, how the boards meet
them, and where another is put in."""

import glob
import os
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from starlette.responses import Response

from ..base import swedish
from ..base.children import StoppedError
from ..base.errors import InputError
from ..documents import evidence_names
from ..model.codes import Outcome
from ..model.evidence import Extract
from ..model.findings import Finding, Severity
from ..returns import file_names
from ..returns.evidence import extracts
from ..year.overview import Standing
from .asking import Ask
from .grant_room import standing_of
from .hand_in import Receipt, keep, plain_name
from .uploads import Upload, must_be_clean


def evidence_page(ask: Ask) -> Response:
    """The extracts of a grant, and how far its boards agree with them."""
    return _page(ask, standing_of(ask))


def put_extract(ask: Ask) -> Response:
    """Keep an extract of the accounts with its grant, once it has been seen that it can be read;
    of one that can't nothing is kept."""
    standing = standing_of(ask)
    if len(ask.form.files) != 1:
        raise InputError("Välj ett huvudboksutdrag.")
    (upload,) = ask.form.files
    office = ask.office
    must_be_clean(
        upload, office.settings.declared.virusskanner if office.settings else None, os.environ
    )
    grant_id = standing.grant.grant_id
    extract = _read(ask, upload, grant_id)
    findings = _findings(ask, extract, grant_id)
    is_sound = all(finding.severity is not Severity.BLOCKING for finding in findings)
    if not is_sound or not extract.bookings:
        return _page(ask, standing, findings=findings, is_refused=True, status=422)
    under = PurePosixPath(grant_id, file_names.EXTRACTS)
    known_as = glob.escape(plain_name(upload)) if _is_dated_by_name(ask, extract) else "*"
    receipt = keep(office, ask.person, ask.by(), upload, under, known_as)
    return _page(ask, standing, findings=findings, receipt=receipt, extract=extract)


def _read(ask: Ask, upload: Upload, grant_id: str) -> Extract:
    """What an extract says, read in a child by the name that it will have."""
    forms = ask.office.decided().extract_forms
    name = f"{grant_id}/{file_names.EXTRACTS}/{plain_name(upload)}"
    reading = ask.office.workshop.readers.submit(extracts.read, upload.content, name, forms)
    try:
        return reading.result()
    except StoppedError:
        raise InputError(
            f"{upload.shown_name} tog för mycket tid eller minne att läsa. Ta ut en kortare "
            "period. Inget är sparat."
        ) from None


def _is_dated_by_name(ask: Ask, extract: Extract) -> bool:
    """Whether an extract's name may tell its month: then the same bytes can be of another month,
    too."""
    layouts = ask.office.decided().extract_forms.layouts
    return extract.kind == "list" and any(one.dated_by == "file_name" for one in layouts)


def _findings(ask: Ask, extract: Extract, grant_id: str) -> list[Finding]:
    """What is wrong with an extract by itself."""
    rules = ask.office.decided().rules
    found = []
    for problem in extract.problems:
        finding = rules[problem.rule_id].finding(
            is_final=False,
            grant=grant_id,
            file=extract.file,
            sheet=problem.sheet,
            cells=problem.cells,
            value=problem.value,
            details=problem.details,
        )
        found.append(finding)
    return found


def _page(
    ask: Ask,
    standing: Standing,
    *,
    findings: Sequence[Finding] = (),
    receipt: Receipt | None = None,
    extract: Extract | None = None,
    is_refused: bool = False,
    status: int = 200,
) -> Response:
    result = standing.result
    files = result.tables.manifest if result else ()
    view: dict[str, Any] = {
        "s": standing,
        "result": result,
        "boards": sorted(
            result.tables.evidence if result else (), key=lambda row: swedish.order(row.name)
        ),
        "ore": True,
        "extracts": [file for file in files if file.outcome is Outcome.EVIDENCE],
        "page": evidence_names.PAGE,
        "list_name": evidence_names.list_name,
        "is_known": standing.grant.separate_accounts is not None,
        "findings": findings,
        "receipt": receipt,
        "extract": extract,
        "is_refused": is_refused,
    }
    title = f"Huvudboken: {standing.grant.short_name}"
    return ask.page("huvudbok.html.j2", title, view, status)
