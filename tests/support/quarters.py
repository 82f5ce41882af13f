"""A quarter with as many boards as a test needs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from statsbidrag.model.decisions import Component
from statsbidrag.money.results import GrantResult
from tests.support import report_fixture
from tests.support.rows import rows_in, tables_of, with_rows

D, ZERO = Decimal, Decimal(0)


Basis = Literal["namnd", "kommun"]


@dataclass(frozen=True)
class Board:
    """What is known of a board: allocation and eligible spending by component, its forecast and its
    wish."""

    allocated: tuple[int, ...]
    eligible: tuple[int, ...]
    forecast: int | None = None
    wanted: int | None = None
    status: str = "accepted"

    @property
    def expected(self) -> int:
        """What it is expected to use in all."""
        known = self.status == "accepted" and self.forecast is not None
        used = sum(self.eligible) if self.status == "accepted" else 0
        return max(
            used, self.forecast if known and self.forecast is not None else sum(self.allocated)
        )


def result(
    boards: Mapping[str, Board], basis: Basis, unallocated: int, *, is_earmarked: bool
) -> GrantResult:
    """A quarter's result with no more in it than the proposal needs."""
    parts = len(next(iter(boards.values())).allocated)
    components = tuple(Component(f"del-{n}", f"Del {n}", ()) for n in range(parts))
    total = D(sum(sum(b.allocated) for b in boards.values()) + unallocated)
    grant = replace(
        report_fixture.social_grant(),
        total_sek=total,
        components=components,
        is_earmarked=is_earmarked,
        liability_basis=basis,
    )
    counted = {name: b for name, b in boards.items() if b.status == "accepted"}
    tables: dict[str, tuple[Mapping[str, Any], ...]] = {
        "city": ({"unallocated_sek": D(unallocated), "basis": basis},),
        "board": tuple(
            {
                "board_id": name,
                "allocated_sek": D(sum(b.allocated)),
                "eligible_sek": None if b.status == "held" else D(sum(b.eligible)),
                "overspent_sek": None
                if b.status == "held"
                else D(max(0, sum(b.eligible) - sum(b.allocated))),
                "projected_unspent_sek": None
                if b.forecast is None
                else D(max(0, sum(b.allocated) - b.forecast)),
            }
            for name, b in boards.items()
        ),
        "board_component": tuple(
            {
                "board_id": name,
                "component_id": c.component_id,
                "allocated_sek": D(a),
                "eligible_sek": D(e),
            }
            for name, b in boards.items()
            for c, a, e in zip(components, b.allocated, b.eligible, strict=True)
        ),
        "outlook": tuple(
            {
                "board_id": name,
                "component_id": None,
                "subject": name,
                "forecast_sek": None if b.forecast is None else D(b.forecast),
                "wanted_sek": None if b.wanted is None else D(b.wanted),
            }
            for name, b in counted.items()
        ),
    }
    return GrantResult(
        grant, date(2021, 10, 15), date(2021, 9, 30), False, tables_of(**tables), (), ()
    )


def quarter(basis: Basis, wanted: str | None) -> GrantResult:
    """The quarter of the fixture, where Rinkeby-Kista wishes for more and Spånga-Tensta has money
    left."""
    made = report_fixture.social_quarter()
    wish = {"rinkeby-kista": D(wanted) if wanted else None}
    outlook = tuple({**o, "wanted_sek": wish.get(o["subject"])} for o in rows_in(made, "outlook"))
    city = {**rows_in(made, "city")[0], "basis": basis}
    grant = replace(made.grant, liability_basis=basis)
    return replace(made, grant=grant, tables=with_rows(made, outlook=outlook, city=[city]).tables)
