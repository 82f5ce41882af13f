-- Units whose predecessors answer one question of yes or no in different ways, while nothing is said in the unit's own
-- name (contract 7).
SELECT
    grant_id,
    board_id,
    text,
    from_on,
    to_on,
    places
FROM answer
WHERE is_contradicted
