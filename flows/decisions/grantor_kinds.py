"""Who gives a grant, and what its file may therefore leave unsaid."""

from ..model.grant_words import GrantorKind
from .declaration import DecisionFile
from .grant_reader import GrantReader


def grantor_kind(reader: GrantReader) -> GrantorKind:
    """Who gives the grant. Raises InputError where the file leaves out what that kind of grant has,
    or says what it hasn't."""
    kind = GrantorKind(reader.term("bidragsgivare").slag or GrantorKind.AGENCY)
    is_own = kind is GrantorKind.OWN
    has_reference = reader.parsed.villkor.myndighetens_dnr is not None
    if is_own and has_reference:
        raise reader.wrong(
            "villkor.myndighetens_dnr",
            "staden ger medlen själv, så ingen myndighet har något diarienummer. Ta bort det.",
        )
    if not is_own and not has_reference:
        raise reader.wrong("villkor.myndighetens_dnr", "saknas. Lägg till den, eller okand.")
    has_amount = reader.term("belopp").kronor is not None
    if not is_own and not has_amount:
        raise reader.wrong(
            "villkor.belopp",
            "värdet behövs för att räkna och kan inte vara okänt när en myndighet ger bidraget. "
            "Ange det, med antagande om källa saknas.",
        )
    for decision in reader.parsed.beslut:
        _must_divide(reader, decision, has_amount=has_amount)
    return kind


def _must_divide(reader: GrantReader, decision: DecisionFile, *, has_amount: bool) -> None:
    """See that a decision divides what there is to divide, and nothing else."""
    where = f"beslut.{decision.id}"
    if has_amount and decision.fordelning is None:
        raise reader.wrong(f"{where}.fordelning", "saknas. Lägg till kronor för varje nämnd.")
    if has_amount:
        return
    for key in ("fordelning", "summa", "avser"):
        if getattr(decision, key) is not None:
            raise reader.wrong(
                f"{where}.{key}",
                "bidragets belopp är okänt, så det kan inte vara fördelat. Ange beloppet i "
                f"villkor.belopp, eller ta bort {key}.",
            )
