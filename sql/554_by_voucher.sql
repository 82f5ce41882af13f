-- One row per line and per booking of a voucher that both have: the pair that it is in (contract 6). Where the sums are
-- equal they are one pair; else those of one amount go together, and what is left on both sides is another amount.
-- What is left on one side alone is in no pair here.
WITH side AS (
    SELECT
        claim.grant_id,
        claim.board_id,
        coalesce(voucher.booked_series, '') || ' ' || voucher.number || ' ' || voucher.booked_year_no AS voucher_key,
        TRUE AS is_line,
        claim.line_no AS no,
        claim.amount_sek
    FROM claim
    INNER JOIN voucher
        ON
            claim.grant_id = voucher.grant_id
            AND claim.board_id = voucher.board_id
            AND claim.series IS NOT DISTINCT FROM voucher.series
            AND claim.number = voucher.number
            AND year(claim.worked_on) IS NOT DISTINCT FROM voucher.year_no
    UNION ALL
    SELECT
        grant_id,
        board_id,
        coalesce(series, '') || ' ' || number || ' ' || year(booked_on) AS voucher_key,
        FALSE AS is_line,
        booking_no AS no,
        amount_sek
    FROM booking
    WHERE is_of_grant AND NOT is_balance
),

numbered AS (
    SELECT
        *,
        sum(CASE WHEN is_line THEN amount_sek ELSE -amount_sek END) OVER whole = 0 AS is_equal,
        row_number() OVER (PARTITION BY grant_id, board_id, voucher_key, amount_sek, is_line ORDER BY no) AS occurrence
    FROM side
    WINDOW whole AS (PARTITION BY grant_id, board_id, voucher_key)
),

met AS (
    SELECT
        *,
        count(*) OVER (PARTITION BY grant_id, board_id, voucher_key, amount_sek, occurrence) = 2 AS is_met
    FROM numbered
),

paired AS (
    SELECT
        *,
        bool_or(is_line) OVER rest AND bool_or(NOT is_line) OVER rest AS is_on_both_sides
    FROM met
    WINDOW rest AS (PARTITION BY grant_id, board_id, voucher_key, is_equal OR is_met)
)

SELECT
    grant_id,
    board_id,
    CASE
        WHEN is_met AND NOT is_equal THEN voucher_key || ' ' || amount_sek || ' ' || occurrence
        ELSE voucher_key
    END AS pair_key,
    CASE WHEN is_equal OR is_met THEN 'agreed' ELSE 'other_amount' END AS how,
    is_line,
    no
FROM paired
WHERE is_on_both_sides
