"""Whether what stands in a package is what was filed: by the log in it, whose lines hang together,
and by the fingerprints that whoever attested the report bound themselves to.

That the whole log has been made anew can't be seen from the package alone: its last hash can, by
whoever has kept it.
"""

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..base import places
from ..decisions import data_names
from ..decisions.data_names import GRANTS, ORGANISATION
from ..model import fingerprints, log_lines, report_state
from ..model.case import Act, Event, ReportState, Review
from ..model.codes import RESTED_ON
from .filed_package import FIGURES, LOG, altered, of_folder
from .refusal import RefusedError

MANIFEST = "rapport/manifest.json"
SCHEMA = 2
"""The contract whose files are read here."""
_HEAD = ("schema", "grant", "as_of", "period_end", "final", "report")
"""What a report's files begin with: which report they are of."""
_AFTER_FILING = {ReportState.FILED, ReportState.REPAID}
Json = dict[str, Any]


@dataclass(frozen=True)
class Filed:
    """A final report as it was filed: what it says, whose it is, and how it came to be."""

    figures: Json
    """Its reconciliation.json."""
    organisation: str
    """What the one that filed it is called."""
    review: Review
    filed: Event
    """The line of the log that says that it was filed."""
    attested: Event
    attest: Act


def proved(files: Mapping[str, bytes]) -> Filed:
    """The filed report of a package whose files are as its list of sums says.

    Raises RefusedError when it is no final report, has not been filed, or is not what was filed.
    """
    figures = parsed(files, FIGURES)
    _must_be_final(figures)
    grant_id = figures["grant"]
    events = _events(files[LOG])
    of_report = [one for one in events if _is_about(one, grant_id)]
    try:
        review = report_state.review_after(of_report)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise altered(f"händelseloggen {LOG} går inte att läsa") from None
    if review is None or review.state not in _AFTER_FILING:
        state = review.state if review else "inte ens körd"
        raise RefusedError("paket-ej-inlamnat", state=str(state))
    _must_be_as_filed(files, figures, review, events)
    attested = [one for one in of_report if one.kind == "attested"]
    acts = [act for act in review.acts if act.state is ReportState.ATTESTED]
    if not attested or not acts:
        raise altered(f"{LOG} säger inte vem som har attesterat rapporten")
    return Filed(
        figures=figures,
        organisation=_organisation(files),
        review=review,
        filed=[one for one in of_report if one.kind == "filed"][-1],
        attested=attested[-1],
        attest=acts[-1],
    )


def whose(files: Mapping[str, bytes]) -> tuple[str, str]:
    """Of which grant a package says that it is, and from whom, whether that is so or not; empty for
    what it doesn't say."""
    grant_id = organisation = ""
    try:
        grant_id = str(parsed(files, FIGURES)["grant"])
        organisation = _organisation(files)
    except (RefusedError, KeyError):
        pass
    return grant_id, organisation


def _organisation(files: Mapping[str, bytes]) -> str:
    """What whoever filed the report is called. Raises RefusedError when it doesn't say."""
    name = _toml(files, f"beslut/{ORGANISATION}").get("namn")
    if not isinstance(name, str):
        raise altered(f"filen beslut/{ORGANISATION} säger inte vem som redovisar")
    return name


# -- the files -------------------------------------------------------------------------------------


def parsed(files: Mapping[str, bytes], name: str) -> Json:
    """What a JSON file of the package says. Raises RefusedError when it is none of ours."""
    try:
        content = json.loads(
            files[name].decode("utf-8"),
            parse_float=_no_number,
            parse_constant=_no_number,
            object_pairs_hook=_each_once,
        )
    except (KeyError, ValueError, RecursionError):
        raise altered(f"filen {name} går inte att läsa") from None
    if not isinstance(content, dict):
        raise altered(f"filen {name} går inte att läsa")
    return content


def _no_number(text: str) -> None:
    """Our files have money and shares as text."""
    raise ValueError(text)


def _each_once(pairs: Sequence[tuple[str, Any]]) -> Json:
    """An object of a JSON file. Raises ValueError for one that says something twice."""
    content = dict(pairs)
    if len(content) < len(pairs):
        raise ValueError
    return content


def _toml(files: Mapping[str, bytes], name: str) -> Json:
    """What a file of the decisions says. Raises RefusedError when it can't be read."""
    try:
        return tomllib.loads(files[name].decode("utf-8"))
    except (KeyError, ValueError, RecursionError):
        raise altered(f"filen {name} går inte att läsa") from None


def _must_be_final(figures: Json) -> None:
    """Raises RefusedError for what is not the figures of a final report by our contract."""
    if figures.get("schema") != SCHEMA:
        raise RefusedError(
            "paket-annat-schema", value=str(figures.get("schema")), known=str(SCHEMA)
        )
    if "report" in figures:
        raise RefusedError("paket-ej-slutlig", what=f"delrapporten {figures['report']}")
    if figures.get("final") is not True or not isinstance(figures.get("grant"), str):
        raise RefusedError("paket-ej-slutlig", what="en avstämning under året")


# -- the log ---------------------------------------------------------------------------------------


def _events(content: bytes) -> list[Event]:
    """The events of the log. Raises RefusedError for one whose lines don't hang together."""
    events: list[Event] = []
    try:
        events.extend(log_lines.events(content.decode("utf-8", "surrogateescape"), LOG))
    except log_lines.BrokenLogError:
        raise altered(f"händelseloggen {LOG} är bruten efter rad {len(events)}") from None
    return events


def _is_about(event: Event, grant_id: str) -> bool:
    """Whether an event is about the final report of a grant."""
    return event.grant_id == grant_id and event.details.get("report") is None


def _must_be_as_filed(
    files: Mapping[str, bytes], figures: Json, review: Review, events: Sequence[Event]
) -> None:
    """Raises RefusedError when the figures, or the files that they rest on, are not those that were
    filed."""
    if fingerprints.figures_sha256(figures) != review.figures_sha256:
        raise altered(f"beloppen i {FIGURES} är inte de som lämnades in")
    manifest = parsed(files, MANIFEST)
    for name in _HEAD:
        if manifest.get(name) != figures.get(name):
            raise altered(f"{MANIFEST} och {FIGURES} är inte av samma rapport")
    try:
        inputs = fingerprints.inputs_sha256(_inputs(files, manifest))
    except (KeyError, TypeError, AttributeError, ValueError):
        raise altered(f"filen {MANIFEST} går inte att läsa") from None
    if inputs != review.inputs_sha256:
        raise altered(f"filerna i {MANIFEST} är inte de som den inlämnade rapporten vilar på")
    place = f"{figures['grant']}/{places.FINAL}"
    written = [one for one in events if one.kind == "written" and one.details.get("place") == place]
    now = {name: _sha256(part) for name, part in of_folder(files, "rapport").items()}
    if not written or written[-1].details.get("files") != now:
        raise altered("filerna i rapport/ är inte de som loggen säger att programmet skrev")


def _inputs(files: Mapping[str, bytes], manifest: Json) -> list[tuple[str, str]]:
    """The files that the figures rest on: the returns, and those of the decisions, which must be
    the ones that lie in the package."""
    inputs = []
    for file in manifest["files"]:
        if file["outcome"] in RESTED_ON:
            inputs.append((str(file["name"]), str(file["sha256"])))
    decided = {str(file["name"]): str(file["sha256"]) for file in manifest["data"]}
    (grant_file,) = (name for name in of_folder(files, "beslut") if name.startswith(f"{GRANTS}/"))
    report_id = _toml(files, f"beslut/{grant_file}")["rapport"]
    for name in data_names.rested_on(grant_file, report_id, decided):
        if _sha256(files[f"beslut/{name}"]) != decided[name]:
            raise altered(f"filen beslut/{name} är inte den som rapporten vilar på")
        inputs.append((name, decided[name]))
    return inputs


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
