-- A board's components are together the board; its liability is their sum where they are earmarked (contract 4).
WITH summed AS (
    SELECT
        grant_id,
        board_id,
        sum(allocated_sek) AS allocated_sek,
        sum(reported_sek) AS reported_sek,
        sum(eligible_sek) AS eligible_sek,
        sum(ineligible_sek) AS ineligible_sek,
        sum(liability_sek) AS liability_sek,
        sum(wrong_purpose_sek) AS wrong_purpose_sek
    FROM board_component
    GROUP BY grant_id, board_id
)

SELECT
    grant_id,
    board_id,
    pair.figure,
    pair.expected,
    pair.found
FROM summed
FULL OUTER JOIN board USING (grant_id, board_id)
INNER JOIN given_grant USING (grant_id)
CROSS JOIN (
    VALUES
    ('allocated_sek', summed.allocated_sek, board.allocated_sek),
    ('reported_sek', summed.reported_sek, board.reported_sek),
    ('eligible_sek', summed.eligible_sek, board.eligible_sek),
    ('ineligible_sek', summed.ineligible_sek, board.ineligible_sek),
    (
        'liability_sek',
        CASE WHEN given_grant.is_earmarked THEN summed.liability_sek ELSE board.liability_sek END,
        board.liability_sek
    ),
    (
        'wrong_purpose_sek',
        CASE WHEN given_grant.is_earmarked THEN summed.wrong_purpose_sek ELSE board.wrong_purpose_sek END,
        board.wrong_purpose_sek
    )
) AS pair (figure, expected, found)
