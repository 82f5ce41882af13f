-- One row per grant, decision, board, component: what was decided up to the as-of date, for whom, for which year, whose
-- it is now, and whether it is in force. A later decision replaces earlier amounts of its year for the boards and
-- components that it names, and ends what was decided for their predecessors for those components and that year
-- (contract 2, Chains; contract 4: allocation A; contract 7; contract 8 v). Year 0: for the whole grant.
WITH decided AS (
    SELECT
        given_decision.*,
        row_number() OVER (
            PARTITION BY
                given_decision.grant_id, given_decision.board_id, given_decision.component_id, given_decision.year_no
            ORDER BY given_decision.decided_on DESC
        ) = 1 AS is_latest
    FROM given_decision
    INNER JOIN given_grant USING (grant_id)
    WHERE given_decision.decided_on <= given_grant.as_of_on
)

SELECT
    decided.grant_id,
    decided.decision_id,
    decided.decided_on,
    decided.decided_by,
    decided.board_id,
    given_board.name,
    unit.unit_id,
    decided.component_id,
    decided.year_no,
    decided.amount_sek,
    decided.is_latest AND NOT EXISTS (
        SELECT 1 FROM heir
        INNER JOIN decided AS later ON heir.heir_id = later.board_id
        WHERE
            heir.board_id = decided.board_id
            AND later.grant_id = decided.grant_id
            AND later.component_id = decided.component_id
            AND later.year_no = decided.year_no
    ) AS is_in_force
FROM decided
INNER JOIN given_board USING (board_id)
INNER JOIN unit
    ON
        decided.grant_id = unit.grant_id
        AND decided.board_id = unit.member_id
