-- One row per account, row of the ledger: first what the filed report computed, then what people have entered up to the
-- day, by its day and then as entered, with what remains of the capital after it.
-- A claim on a computed ground, or on none in particular, is the decision: together such claims stand in place of what
-- was computed. A claim on a ground that only a person decides is added to it. Claims taken back to nothing are as if
-- they never came, but a claim of 0 kronor is a claim. Relief and payments lower what remains. Interest is an account
-- of its own: a payment says which of the two it is. What remains is unknown while the board is held and not claimed.
WITH owing AS (
    SELECT
        given_account.board_id,
        CASE
            WHEN given_account.is_held THEN NULL ELSE coalesce(sum(owed.amount_sek), 0)
        END::DECIMAL(18, 2) AS computed_sek
    FROM given_account
    LEFT JOIN owed ON given_account.board_id IS NOT DISTINCT FROM owed.board_id
    GROUP BY given_account.board_id, given_account.is_held
),

listed AS (
    SELECT
        owing.board_id,
        0 AS entry_no,
        'computed' AS kind,
        NULL AS ground,
        owing.computed_sek AS amount_sek,
        given_ledger.filed_on AS entered_on,
        NULL AS due_on,
        NULL AS reference,
        NULL AS entered_by,
        NULL AS why,
        owing.computed_sek
    FROM owing
    CROSS JOIN given_ledger
    UNION ALL
    SELECT
        given_entry.board_id,
        given_entry.entry_no,
        given_entry.kind,
        given_entry.ground,
        given_entry.amount_sek,
        given_entry.entered_on,
        given_entry.due_on,
        given_entry.reference,
        given_entry.entered_by,
        given_entry.why,
        owing.computed_sek
    FROM given_entry
    INNER JOIN owing ON given_entry.board_id IS NOT DISTINCT FROM owing.board_id
    INNER JOIN given_ledger ON given_entry.entered_on <= given_ledger.as_of_on
),

told AS (
    SELECT
        *,
        kind = 'claim' AND coalesce(ground IN ('not_used', 'wrong_purpose', 'no_report'), TRUE) AS is_decisive
    FROM listed
),

numbered AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY board_id ORDER BY kind <> 'computed', entered_on, entry_no)::INTEGER AS row_no
    FROM told
),

summed AS (
    SELECT
        *,
        sum(CASE WHEN is_decisive THEN amount_sek ELSE 0 END) OVER so_far AS decisive_sek,
        bool_or(is_decisive AND amount_sek = 0) OVER so_far AS has_nil,
        sum(
            CASE
                WHEN kind = 'claim' AND NOT is_decisive THEN amount_sek
                WHEN kind IN ('relief', 'payment') THEN -amount_sek
                ELSE 0
            END
        ) OVER so_far AS other_sek
    FROM numbered
    WINDOW so_far AS (PARTITION BY board_id ORDER BY row_no ROWS UNBOUNDED PRECEDING)
)

SELECT
    board_id,
    row_no,
    kind,
    ground,
    amount_sek,
    entered_on,
    due_on,
    reference,
    entered_by,
    why,
    decisive_sek <> 0 OR has_nil AS is_claimed,
    (CASE WHEN is_claimed THEN decisive_sek ELSE computed_sek END + other_sek)::DECIMAL(18, 2) AS balance_sek
FROM summed
