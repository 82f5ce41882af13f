-- What is reported is what the grant pays for and what it does not, of each component, each board and the city
-- (contract 4). Of a board that is held none of them is known.
WITH part AS (
    SELECT
        grant_id,
        board_id,
        component_id,
        reported_sek,
        eligible_sek,
        ineligible_sek
    FROM board_component
    UNION ALL
    SELECT
        grant_id,
        board_id,
        NULL AS component_id,
        reported_sek,
        eligible_sek,
        ineligible_sek
    FROM board
    UNION ALL
    SELECT
        grant_id,
        NULL AS board_id,
        NULL AS component_id,
        reported_sek,
        eligible_sek,
        ineligible_sek
    FROM city
)

SELECT
    grant_id,
    board_id,
    component_id,
    'reported_sek' AS figure,
    eligible_sek + ineligible_sek AS expected,
    reported_sek AS found
FROM part
