-- One row per account: what was computed, claimed, relieved and paid, what remains and by when, and the interest.
-- to_pay = claims + what still awaits its claim - relief; remaining = to_pay - paid, negative when too much is paid.
-- What is paid and relieved settles the claim that is due first. Claims without a due date are settled last.
-- Interest accrues on the agency's claim where the terms state one, else it is null; internally there is none.
WITH summed AS (
    SELECT
        board_id,
        max(CASE kind WHEN 'computed' THEN amount_sek END) AS computed_sek,
        sum(CASE kind WHEN 'claim' THEN amount_sek END)::DECIMAL(18, 2) AS claimed_sek,
        sum(CASE kind WHEN 'relief' THEN amount_sek ELSE 0 END)::DECIMAL(18, 2) AS relief_sek,
        sum(CASE kind WHEN 'payment' THEN amount_sek ELSE 0 END)::DECIMAL(18, 2) AS paid_sek,
        sum(CASE kind WHEN 'interest_payment' THEN amount_sek ELSE 0 END)::DECIMAL(18, 2) AS interest_paid_sek,
        max_by(is_claimed, row_no) AS is_claimed
    FROM entry
    GROUP BY board_id
),

due AS (
    SELECT
        board_id,
        due_on,
        sum(sum(amount_sek)) OVER (PARTITION BY board_id ORDER BY due_on) AS due_sek
    FROM entry
    WHERE kind = 'claim' AND due_on IS NOT NULL
    GROUP BY board_id, due_on
),

next_due AS (
    SELECT
        due.board_id,
        min(due.due_on) AS due_on
    FROM due
    INNER JOIN summed ON due.board_id IS NOT DISTINCT FROM summed.board_id
    WHERE due.due_sek > summed.paid_sek + summed.relief_sek
    GROUP BY due.board_id
),

accrued AS (
    SELECT coalesce(sum(amount_sek), 0)::DECIMAL(18, 2) AS interest_sek
    FROM interest
),

standing AS (
    SELECT
        summed.*,
        CASE WHEN summed.is_claimed THEN 0 ELSE summed.computed_sek END::DECIMAL(18, 2) AS awaiting_sek,
        next_due.due_on,
        coalesce(next_due.due_on < given_ledger.as_of_on, FALSE) AS is_overdue,
        CASE WHEN summed.board_id IS NULL AND given_interest.days_per_year IS NOT NULL THEN accrued.interest_sek END
            AS interest_sek
    FROM summed
    CROSS JOIN given_ledger
    CROSS JOIN accrued
    LEFT JOIN given_interest ON TRUE
    LEFT JOIN next_due ON summed.board_id IS NOT DISTINCT FROM next_due.board_id
)

SELECT
    board_id,
    computed_sek,
    claimed_sek,
    awaiting_sek,
    (claimed_sek + awaiting_sek - computed_sek)::DECIMAL(18, 2) AS difference_sek,
    relief_sek,
    (coalesce(claimed_sek, 0) + awaiting_sek - relief_sek)::DECIMAL(18, 2) AS to_pay_sek,
    paid_sek,
    (to_pay_sek - paid_sek)::DECIMAL(18, 2) AS remaining_sek,
    due_on,
    is_overdue,
    interest_sek,
    interest_paid_sek,
    (coalesce(interest_sek, 0) - interest_paid_sek)::DECIMAL(18, 2) AS interest_remaining_sek
FROM standing
