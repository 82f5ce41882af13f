-- What is credited in the accounts while the return has the whole cost: within a voucher, by file, or by a voucher of
-- its own.
WITH stated AS (
    SELECT
        grant_id,
        board_id,
        pair_no,
        file,
        sheet,
        list(cell ORDER BY no) AS cells,
        min(voucher) AS seen
    FROM member
    WHERE is_line AND how = 'other_amount'
    GROUP BY grant_id, board_id, pair_no, file, sheet
),

booked AS (
    SELECT
        grant_id,
        board_id,
        pair_no,
        bool_or(amount_sek < 0) AS has_credit,
        sum(CASE WHEN amount_sek > 0 THEN amount_sek ELSE 0 END) AS debit_sek
    FROM member
    WHERE NOT is_line AND how = 'other_amount'
    GROUP BY grant_id, board_id, pair_no
)

SELECT
    stated.grant_id,
    stated.board_id,
    stated.file,
    stated.sheet,
    stated.cells,
    stated.seen,
    (pair.reported_sek - pair.booked_sek)::DECIMAL(18, 2) AS amount_sek
FROM stated
INNER JOIN pair USING (grant_id, board_id, pair_no)
INNER JOIN booked USING (grant_id, board_id, pair_no)
WHERE booked.has_credit AND pair.reported_sek = booked.debit_sek
UNION ALL
SELECT
    grant_id,
    board_id,
    NULL AS file,
    NULL AS sheet,
    NULL AS cells,
    voucher AS seen,
    amount_sek
FROM credited
