-- Costs on the grant's project at a cost centre that is no board's in the register, or at a board that has no part in
-- the grant.
SELECT
    grant_id,
    file,
    sheet,
    list(place ORDER BY booking_no) AS cells,
    responsibility AS seen,
    sum(amount_sek)::DECIMAL(18, 2) AS amount_sek
FROM booking
ANTI JOIN standing USING (grant_id, board_id)
WHERE is_of_grant AND NOT is_late
GROUP BY grant_id, file, sheet, responsibility
