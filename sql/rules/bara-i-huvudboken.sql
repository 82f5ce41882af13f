-- Units with costs on the grant's project that no line of their return answers to: something may have been missed.
SELECT
    pair.grant_id,
    pair.board_id,
    count(*) AS booking_count,
    sum(pair.booked_sek)::DECIMAL(18, 2) AS amount_sek
FROM pair
WHERE pair.how = 'only_booked' AND pair.booked_sek > 0
GROUP BY pair.grant_id, pair.board_id
