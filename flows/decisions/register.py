"""The register of rules, `expectations/rules.toml`."""

import tomllib
from importlib.resources import files

from ..model.findings import Rule, Severity
from ..model.levels import PLAIN, Wording


def register(wording: Wording = PLAIN) -> dict[str, Rule]:
    """Every rule of the register, by id, its sentences in the words of the user's organisation."""
    rows = tomllib.loads(
        files("statsbidrag.expectations").joinpath("rules.toml").read_text("utf-8")
    )["rule"]
    rules = [
        Rule(
            rule_id=row["id"],
            checked_by=row["checked_by"],
            severity=Severity(row["severity"]),
            severity_final=Severity(row.get("severity_final", row["severity"])),
            can_be_waived=row.get("can_be_waived", False),
            message=wording.said(row["message"]),
            remedy=wording.said(row["remedy"]),
            source=row["source"],
        )
        for row in rows
    ]
    return {rule.rule_id: rule for rule in rules}
