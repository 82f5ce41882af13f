-- The same voucher with the same amount under two grants: one cost may be paid for twice.
SELECT
    line.grant_id,
    line.board_id,
    line.file,
    line.sheet,
    list(DISTINCT line.cell ORDER BY line.cell) AS cells,
    line.voucher AS seen,
    line.amount_sek,
    other.grant_id AS other_grant
FROM line
INNER JOIN line AS other
    ON
        line.voucher = other.voucher
        AND line.amount_sek = other.amount_sek
        AND line.grant_id <> other.grant_id
GROUP BY line.grant_id, line.board_id, line.file, line.sheet, line.voucher, line.amount_sek, other.grant_id
