-- What remains and what is eligible are together the allocation; overspent is what remains below zero (contract 4).
SELECT
    board.grant_id,
    board.board_id,
    pair.figure,
    pair.expected,
    pair.found
FROM board
CROSS JOIN (
    VALUES
    ('remaining_sek', board.allocated_sek - board.eligible_sek, board.remaining_sek),
    (
        'overspent_sek',
        CASE WHEN board.remaining_sek IS NOT NULL THEN greatest(-board.remaining_sek, 0) END,
        board.overspent_sek
    )
) AS pair (figure, expected, found)
UNION ALL
SELECT
    city.grant_id,
    NULL AS board_id,
    'remaining_sek' AS figure,
    city.allocated_sek - city.eligible_sek - city.undetermined_sek AS expected,
    city.remaining_sek AS found
FROM city
