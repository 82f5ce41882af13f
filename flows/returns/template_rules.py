"""What a cell of the template lets somebody type, and Excel's tests for what can't be right."""

from ..model.returns import Column
from .template_basis import Basis
from .template_book import NUMERIC, Book


def help_shown(title: str, words: str) -> dict[str, object]:
    """The part of a validation that shows help when a cell is chosen, cut to what Excel takes."""
    return {"input_title": title[:32], "input_message": words[:255]}


def list_of(book: Book, kind: str, name: str) -> str | None:
    """The workbook's name of what can be chosen in a cell or a column; None where anything can be
    written."""
    return book.lists.get("choice" if kind == "choice" else name)


def allowed_values(book: Book, basis: Basis, kind: str, name: str, cell: str) -> dict[str, object]:
    """The part of a validation that refuses what can't be right, in a cell or in a column that
    begins at `cell`."""
    listed = list_of(book, kind, name)
    if listed:
        return {
            "validate": "list",
            "source": f"={listed}",
            "error_title": "Välj i listan",
            "error_message": "Det ni skrev finns inte i listan. Klicka på pilen till höger om "
            "cellen och välj.",
        }
    least = 1 if name == "version" else 0
    rules: dict[str, dict[str, object]] = {
        "amount": {
            "validate": "custom",
            "value": f"=IF(ISNUMBER({cell}),ROUND({cell},2)={cell},FALSE)",
            "error_title": "Beloppet kan inte läsas",
            "error_message": "Skriv kronor med siffror och högst två decimaler, till exempel "
            "12500,50. Skriv inte kr eller tkr.",
        },
        "percent": {
            "validate": "custom",
            "value": f"=IF(ISNUMBER({cell}),AND({cell}>1,{cell}<=100),FALSE)",
            "error_title": "Skriv procent av heltid",
            "error_message": "Skriv ett tal som är större än 1 och högst 100: 100 för heltid, "
            "50 för halvtid. Skriv bara talet, utan procenttecken.",
        },
        "count": {
            "validate": "integer",
            "criteria": ">=",
            "value": least,
            "error_title": "Skriv ett heltal",
            "error_message": f"Skriv ett heltal som är {least} eller större.",
        },
        "date": {
            "validate": "date",
            "criteria": ">=",
            "value": basis.grant.spend_from_on,
            "error_title": "Dagen kan inte läsas",
            "error_message": f"Skriv dagen med år, månad och dag, till exempel {basis.period_end}.",
        },
        "worked_on": {
            "validate": "date",
            "criteria": "between",
            "minimum": basis.grant.spend_from_on,
            "maximum": basis.grant.spend_to_on,
            "error_type": "warning",
            "error_title": "Utanför bidragets tid",
            "error_message": f"Medlen får användas {basis.words['spending']}. En rad utanför "
            "den tiden får stå kvar men betalas inte av bidraget. Skriv dagen som "
            f"{basis.period_end}.",
        },
    }
    during = {
        "validate": "date",
        "criteria": "between",
        "minimum": basis.grant.spend_from_on,
        "maximum": basis.grant.spend_to_on,
        "error_title": "Utanför bidragets tid",
        "error_message": f"Skriv en dag inom bidragets tid, {basis.words['spending']}, till "
        f"exempel {basis.period_end}.",
    }
    rules |= {"from_on": during, "to_on": during}
    return rules.get(name, rules.get(kind, {"validate": "any"}))


def test_of_wrong(column: Column, listed: str | None, x: str, beside: str) -> str:
    """Excel's test for what can't be right in `x`, a cell or a whole column; "" when nothing can be
    told.

    `listed` names the range of allowed values; where `beside` is filled in, a required `x` must be
    so too.
    """
    tests = [f"ISTEXT({x})"] if column.kind in {*NUMERIC, "date"} else []
    tests += [f'({x}<>"")*(COUNTIF({listed},{x})=0)'] if listed else []
    tests += [f"ISNUMBER({x})*(({x}<=1)+({x}>100))"] if column.kind == "percent" else []
    tests += [f'({x}="")*({beside}<>"")'] if column.is_required else []
    return f"({'+'.join(tests)})>0" if tests else ""
