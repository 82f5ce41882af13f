-- What a board has used of its money and what it pays back are together its allocation, so 0 <= L <= A: of each
-- earmarked component, else of the board as one (contract 4). What it overspent in years that have ended is beside
-- that, and never is less repaid than what lapsed in them (contract 7). Unknown where the board is held or nothing is
-- earmarked.
WITH part AS (
    SELECT
        board_component.grant_id,
        board_component.board_id,
        board_component.component_id,
        board_component.allocated_sek,
        CASE WHEN given_grant.is_earmarked THEN board_component.eligible_sek END AS eligible_sek,
        board_component.liability_sek
    FROM board_component
    INNER JOIN given_grant USING (grant_id)
    UNION ALL
    SELECT
        board.grant_id,
        board.board_id,
        NULL AS component_id,
        board.allocated_sek,
        board.eligible_sek,
        board.liability_sek
    FROM board
    INNER JOIN given_grant USING (grant_id)
    WHERE NOT given_grant.is_earmarked
),

beside AS (
    SELECT
        part.*,
        part.allocated_sek - part.eligible_sek + coalesce(ended.overspent_sek, 0) AS left_sek,
        coalesce(ended.lapsed_sek, 0) AS lapsed_sek
    FROM part
    LEFT JOIN ended
        ON
            part.grant_id = ended.grant_id
            AND part.board_id = ended.board_id
            AND part.component_id IS NOT DISTINCT FROM ended.component_id
)

SELECT
    grant_id,
    board_id,
    component_id,
    'liability_sek' AS figure,
    CASE WHEN left_sek IS NOT NULL THEN least(allocated_sek, greatest(left_sek, lapsed_sek)) END AS expected,
    liability_sek AS found
FROM beside
