-- What the grant does not pay for, reason by reason, is together what each board and the city have of it.
WITH summed AS (
    SELECT
        grant_id,
        board_id,
        sum(amount_sek) AS amount_sek
    FROM ineligible
    GROUP BY GROUPING SETS ((grant_id, board_id), (grant_id))
),

part AS (
    SELECT
        grant_id,
        board_id,
        ineligible_sek
    FROM board
    WHERE return_status <> 'held'
    UNION ALL
    SELECT
        grant_id,
        NULL AS board_id,
        ineligible_sek
    FROM city
)

SELECT
    part.grant_id,
    part.board_id,
    'ineligible_sek' AS figure,
    part.ineligible_sek AS expected,
    coalesce(summed.amount_sek, 0) AS found
FROM part
LEFT JOIN summed
    ON
        part.grant_id = summed.grant_id
        AND part.board_id IS NOT DISTINCT FROM summed.board_id
