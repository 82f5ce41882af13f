"""The sheet Återkoppling of a workbook that goes back."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from ..base import swedish
from ..model.findings import Finding, Severity
from .cell_places import Place, ref_of
from .looks import BLUE, FILLS, GREEN, RED, Styles
from .notes import LABELS
from .ooxml import MAIN
from .parts import DECLARED, Sheet
from .tags import escaped, text_element

TITLE = "Återkoppling på er redovisning"


# -- the first sheet -------------------------------------------------------------------------------

_COLUMNS = {"Grad": 17, "Flik": 17, "Cell": 18, "Anmärkning": 62, "Gör så här": 62}
"""The columns of the first sheet with their widths, in letters."""
_HEAD_ROW = 5


class FeedbackList:
    """The sheet of all findings."""

    def __init__(
        self,
        findings: Sequence[Finding],
        sheets: Mapping[str, Sheet],
        at: Callable[[str | None, str], Place | None],
        styles: "Styles",
    ) -> None:
        self._findings, self._sheets, self._at, self._styles = findings, sheets, at, styles
        self._links: list[str] = []

    def xml(self) -> str:
        """The part of the sheet."""
        rows = "".join(self._rows())
        is_wrong = any(finding.severity is Severity.BLOCKING for finding in self._findings)
        color = RED if is_wrong else GREEN
        widths = "".join(
            f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>'
            for n, width in enumerate(_COLUMNS.values(), start=1)
        )
        links = f"<hyperlinks>{''.join(self._links)}</hyperlinks>" if self._links else ""
        last = _HEAD_ROW + len(self._findings)
        frozen = (
            f'<pane ySplit="{_HEAD_ROW}" topLeftCell="A{_HEAD_ROW + 1}" activePane="bottomLeft" '
            'state="frozen"/>'
            '<selection pane="bottomLeft"/>'
        )
        return (
            f'{DECLARED}<worksheet xmlns="{MAIN}">'
            f'<sheetPr><tabColor rgb="FF{color}"/><pageSetUpPr fitToPage="1"/></sheetPr>'
            f'<dimension ref="A1:E{last}"/>'
            '<sheetViews><sheetView showGridLines="0" '
            f'workbookViewId="0">{frozen}</sheetView></sheetViews>'
            "<sheetFormatPr "
            f'defaultRowHeight="15"/><cols>{widths}</cols><sheetData>{rows}</sheetData>{links}'
            '<pageMargins left="0.5" right="0.5" top="0.6" bottom="0.7" header="0.3" footer="0.3"/>'
            '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/>'
            "<headerFooter><oddFooter>&amp;RSida &amp;P "
            "(&amp;N)</oddFooter></headerFooter></worksheet>"
        )

    def _rows(self) -> Iterator[str]:
        plain = self._styles.own(wraps=False)
        words = (
            "De celler som saken gäller är färgade och har en kommentar. Klicka på en cell för att "
            "komma dit."
        )
        yield _row(
            1, [(TITLE, self._styles.own(size=18, color=BLUE, bold=True, wraps=False))], height=30
        )
        yield _row(2, [(_verdict(self._findings), self._styles.own(bold=True, wraps=False))])
        yield _row(3, [(words, plain)])
        head = self._styles.own(color="FFFFFF", bold=True, fill=BLUE)
        yield _row(_HEAD_ROW, [(name, head) for name in _COLUMNS])
        line, link = (
            self._styles.own(has_line=True),
            self._styles.own(color=BLUE, underlined=True, has_line=True),
        )
        for number, finding in enumerate(self._findings, start=_HEAD_ROW + 1):
            refs = cell_refs(finding)
            shown = refs if len(refs) <= 3 else [*refs[:2], f"{len(refs) - 2} till"]
            grade = self._styles.own(fill=FILLS[finding.severity], has_line=True)
            target = self._at(finding.sheet, refs[0]) if refs else None
            if target is not None:
                title = self._sheets[str(finding.sheet)].title.replace("'", "''")
                place = escaped(f"'{title}'!{ref_of(target)}")
                self._links.append(f'<hyperlink ref="C{number}" location="{place}"/>')
            texts = (
                (LABELS[finding.severity], grade),
                (finding.sheet or "", line),
                (swedish.listing(shown), line if target is None else link),
                (finding.message, line),
                (finding.remedy, line),
            )
            yield _row(
                number,
                texts,
                height=max(_height(text) for text in (finding.message, finding.remedy)),
            )


def _row(number: int, cells: Iterable[tuple[str, int]], height: int = 0) -> str:
    high = f' ht="{height}" customHeight="1"' if height else ""
    written = []
    for column, (text, style) in enumerate(cells, start=1):
        ref = ref_of((number, column))
        if text:
            words = text_element(text)
            written.append(f'<c r="{ref}" s="{style}" t="inlineStr"><is>{words}</is></c>')
        else:
            written.append(f'<c r="{ref}" s="{style}"/>')
    return f'<row r="{number}"{high}>{"".join(written)}</row>'


_WIDE = 62 * 1.3
"""How many letters a line of a wide column holds."""


def _height(text: str) -> int:
    """The height in points of a row whose wide cells hold a text."""
    lines = sum(1 + int(len(paragraph) / _WIDE) for paragraph in text.split("\n"))
    return max(20, 13 * lines + 7)


def _verdict(findings: Sequence[Finding]) -> str:
    """What the sender has to do, in one line."""
    wrong = sum(finding.severity is Severity.BLOCKING for finding in findings)
    if not wrong:
        return (
            "Inget måste rättas. Läs anmärkningarna, och öka Version med 1 om ni skickar in en "
            "ändrad redovisning."
        )
    things = "En sak" if wrong == 1 else f"{wrong} saker"
    return (
        f"{things} måste rättas innan redovisningen räknas. Rätta, öka Version med 1 och skicka in "
        "arbetsboken igen."
    )


def cell_refs(finding: Finding) -> list[str]:
    """Every cell that a finding names, once."""
    return list(dict.fromkeys(finding.cells or ((finding.cell,) if finding.cell else ())))
