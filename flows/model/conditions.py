"""What a grant's terms state that runs reckon with: when unspent money is flagged, and by what its
costs are known in the accounts."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class FlagLimits:
    """When unspent money is flagged (contract section 3); shares of the allocation, kronor and
    days."""

    act_unspent_share: Decimal = Decimal("0.10")
    act_unspent_sek: Decimal = Decimal("500000")
    act_days_left: int = 90
    act_used_numerator: int = 2
    act_used_denominator: int = 3
    watch_unspent_share: Decimal = Decimal("0.05")


@dataclass(frozen=True)
class SeparateAccounts:
    """By what a grant's costs are known in the accounts (särredovisning), and what may differ. Of
    accounts, activities and cost centres it says what their codes begin with."""

    projects: tuple[str, ...]
    activities: tuple[str, ...]
    """Verksamheter; none: any of them."""
    responsibilities: tuple[str, ...]
    """Cost centres (ansvar); none: any of them."""
    cost_accounts: tuple[str, ...]
    salary_accounts: Mapping[str, tuple[str, ...]]
    """Kostnadsslag that are salaries -> the accounts that they are booked on."""
    accounts_of_kinds: Mapping[str, tuple[str, ...]]
    """Kostnadsslag -> the accounts that fit it; others are not looked at."""
    limit_sek: Decimal
    """How much of what is reported may lack support in the accounts, in kronor."""
    most_days: int
    """How far apart a line and a booking may be that are found by their amount alone."""
