-- What remains and what is eligible are together the allocation; overspent is what remains below zero (contract 4).
SELECT
    grant_id,
    board_id,
    unnest(['remaining_sek', 'overspent_sek']) AS figure,
    unnest([
        allocated_sek - eligible_sek,
        CASE WHEN remaining_sek < 0 THEN -remaining_sek WHEN remaining_sek IS NOT NULL THEN 0 END
    ]) AS expected,
    unnest([remaining_sek, overspent_sek]) AS found
FROM board
UNION ALL
SELECT
    city.grant_id,
    NULL AS board_id,
    'remaining_sek' AS figure,
    city.allocated_sek - city.eligible_sek - city.undetermined_sek AS expected,
    city.remaining_sek AS found
FROM city
