-- Costs on the grant's project at a cost centre that is no board's in the register.
SELECT
    grant_id,
    file,
    sheet,
    list(place ORDER BY booking_no) AS cells,
    responsibility AS seen,
    sum(amount_sek)::DECIMAL(18, 2) AS amount_sek
FROM booking
WHERE is_of_grant AND board_id IS NULL
GROUP BY grant_id, file, sheet, responsibility
