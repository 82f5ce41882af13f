"""A decision's documents read in children with limits, into drafts of grant files."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..base.children import Children, StoppedError
from ..base.errors import InputError
from ..decisions.data_names import REPORTS
from ..decisions.drafting.drafts import Draft, drafts
from ..decisions.drafting.table_doubts import Doubt
from ..model.rulebook import Rulebook
from ..returns.documents_in import read_document
from ..returns.inbox import Source


@dataclass(frozen=True)
class Drafted:
    """What a decision's documents come to."""

    drafts: Sequence[Draft]
    doubts: Sequence[Doubt]
    """What a person has to look at that no draft tells of."""
    files: Sequence[str]
    """The names of the documents."""


def drafted(
    files: Sequence[tuple[Source, str]],
    data: Path,
    decided: Rulebook,
    readers: Children,
    taken_ids: Collection[str] = (),
) -> Drafted:
    """The drafts that the documents of one decision give; each file comes with the name that it is
    told by. Nothing is kept.

    Raises InputError for a file that can't be read.
    """
    readings = [(readers.submit(read_document, source, name), name) for source, name in files]
    documents = []
    for reading, name in readings:
        try:
            documents.append(reading.result())
        except StoppedError:
            raise InputError(
                f"{name}: filen tog för mycket tid eller minne att läsa. Ta med bara de sidor där "
                "beslutet står."
            ) from None
    agencies = sorted({(grant.grantor, grant.grantor_short) for grant in decided.grants})
    reports = sorted(path.stem for path in (data / REPORTS).glob("*.toml"))
    known = {*taken_ids, *(grant.grant_id for grant in decided.grants)}
    known |= {finding.grant for finding in decided.broken if finding.grant}
    made, doubts = drafts(documents, decided.boards, agencies, reports, known)
    return Drafted(made, doubts, [document.name for document in documents])
