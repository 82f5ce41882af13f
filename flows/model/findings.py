"""The nouns of what is wrong with somebody's data: findings, and the rules that they break."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from ..base import swedish

LONGEST_SAID = 500
"""How many characters of what stands in a cell, or of a list, a finding's sentence has room for."""


# -- the decisions ---------------------------------------------------------------------------------


class Severity(enum.StrEnum):
    """Blocking holds the return; a warning is counted; info is for the record."""

    BLOCKING = "blocking"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True)
class Finding:
    """An anmärkning: somebody's data that must change, or be known. What does not apply is None."""

    rule: str
    severity: Severity
    grant: str | None
    board: str | None
    file: str | None
    sheet: str | None
    cell: str | None
    cells: tuple[str, ...]
    value: str | None
    message: str
    remedy: str
    source: str


def _said(name: str, detail: object) -> str:
    """A detail in a sentence: an amount as kronor, and what is called a share as per cent."""
    if isinstance(detail, Decimal) and name.endswith("_share"):
        return swedish.percent(detail)
    return swedish.say(detail)


@dataclass(frozen=True)
class Rule:
    """One rule of the register: its words are Swedish, with {names} that the finding's details fill
    in."""

    rule_id: str
    checked_by: Literal["gx", "sql", "accounts", "extract", "rulebook", "recount"]
    """`accounts`: by SQL too, once what is reported has met what is booked; `extract`: by whoever
    reads what the accounts say. What is found there holds no return (contract 6)."""
    severity: Severity
    severity_final: Severity
    can_be_waived: bool
    message: str
    remedy: str
    source: str

    @property
    def is_in_sql(self) -> bool:
        """Whether a file of sql/rules/ says what breaks it."""
        return self.checked_by in {"sql", "accounts"}

    def severity_in(self, is_final: bool) -> Severity:
        """How severe a breach is, in a quarter or in the final report."""
        return self.severity_final if is_final else self.severity

    def finding(
        self,
        *,
        is_final: bool,
        grant: str | None = None,
        board: str | None = None,
        file: str | None = None,
        sheet: str | None = None,
        cells: tuple[str, ...] = (),
        value: str | None = None,
        details: Mapping[str, object] | None = None,
    ) -> Finding:
        """The breach of this rule in words; `details` fill the places of the register's
        sentences."""
        words = {
            "value": swedish.say(value),
            "cells": swedish.listing(cells),
            "file": swedish.say(file),
        }
        words |= {name: _said(name, detail) for name, detail in (details or {}).items()}
        words = {
            name: text if len(text) <= LONGEST_SAID else f"{text[:LONGEST_SAID]} …"
            for name, text in words.items()
        }
        return Finding(
            rule=self.rule_id,
            severity=self.severity_in(is_final),
            grant=grant,
            board=board,
            file=file,
            sheet=sheet,
            cell=cells[0] if cells else None,
            cells=cells,
            value=value,
            message=self.message.format_map(words),
            remedy=self.remedy.format_map(words),
            source=self.source,
        )
