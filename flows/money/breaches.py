"""What a figure is called where it has moved, or where two ways to it don't meet."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from ..base import swedish
from ..model.case import Move
from ..model.decisions import WHOLE_GRANT
from .tables import FIGURES

UNEXPLAINED: Mapping[str, str] = {
    "at_risk_sek": "Pengar i fara",
    "inherited_sek": "Det som är beslutat för föregångare",
    "return_status": "Redovisningens läge",
    "basis": "Sättet att räkna återbetalningen",
    "flag": "Flaggan",
    "is_yes": "Svaret",
    "difference_sek": "Skillnaden mot huvudboken",
    "line_count": "Antal kostnadsrader med belopp",
}
"""What stands in the result tables and is checked, but that no report explains."""


def label(move: Move) -> str:
    """What a figure that has moved is called."""
    nearest = _table_of(move.board_id, move.component_id)
    for table in (nearest, "board"):
        if move.figure in FIGURES[table]:
            return FIGURES[table][move.figure].label
    return UNEXPLAINED.get(move.figure, move.figure)


def _table_of(board_id: str | None, component_id: str | None) -> str:
    """The table that has the figures of a board's component, of a board or of the city."""
    if component_id:
        return "board_component"
    return "board" if board_id else "city"


@dataclass(frozen=True)
class Breach:
    """Two ways to one figure that don't meet; board None: the city; a value None: the figure has
    none."""

    check: str
    figure: str
    grant: str
    board: str | None
    component: str | None
    file: str | None
    expected: object
    found: object

    @property
    def sentence(self) -> str:
        """What a person must know of it; nothing of such a run may get out."""
        about = [self.board or "staden"]
        about += (
            [f"komponenten {self.component}"] if self.component not in {None, WHOLE_GRANT} else []
        )
        about += [f"filen {self.file}"] if self.file else []
        differs = f"är {self._written(self.found)}, men ska vara {self._written(self.expected)}"
        if self.file and self.expected is None:
            differs = f"är {self._written(self.found)}, men gick inte att räkna en andra gång"
        return (
            f"Kontrollräkningen går inte ihop: ”{self._label}” för {', '.join(about)} i "
            f"{self.grant} {differs}. Inget har skrivits. Anmäl felet till den som sköter "
            f"programmet och ange ”{self.check}”."
        )

    @property
    def _label(self) -> str:
        nearest = FIGURES[_table_of(self.board, self.component)]
        for figures in (nearest, *FIGURES.values()):
            if self.figure in figures and self.figure not in UNEXPLAINED:
                return figures[self.figure].label
        return UNEXPLAINED.get(self.figure, self.figure)

    def _written(self, value: object) -> str:
        if not isinstance(value, Decimal):
            return "okänt" if value is None else str(value)
        return (
            swedish.kr(value)
            if self.figure.endswith("_sek")
            else f"{value.normalize():f}".replace(".", ",")
        )
