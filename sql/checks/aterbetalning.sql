-- What a board has used of its money and what it pays back are together its allocation, so 0 <= L <= A: of each
-- earmarked component, else of the board as one (contract 4). Unknown where the board is held or nothing is earmarked.
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
)

SELECT
    grant_id,
    board_id,
    component_id,
    'liability_sek' AS figure,
    CASE
        WHEN eligible_sek < 0 THEN allocated_sek
        WHEN eligible_sek < allocated_sek THEN allocated_sek - eligible_sek
        WHEN eligible_sek >= allocated_sek THEN 0
    END AS expected,
    liability_sek AS found
FROM part
