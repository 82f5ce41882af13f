-- What a board has for a component is the latest amount that was decided for it by the run's day (contract 4).
WITH decided AS (
    SELECT
        given_decision.grant_id,
        given_decision.board_id,
        given_decision.component_id,
        arg_max(given_decision.amount_sek, given_decision.decided_on) AS allocated_sek
    FROM given_decision
    INNER JOIN given_grant USING (grant_id)
    WHERE given_decision.decided_on <= given_grant.as_of_on
    GROUP BY given_decision.grant_id, given_decision.board_id, given_decision.component_id
)

SELECT
    grant_id,
    board_id,
    component_id,
    'allocated_sek' AS figure,
    coalesce(decided.allocated_sek, 0) AS expected,
    board_component.allocated_sek AS found
FROM decided
FULL OUTER JOIN board_component USING (grant_id, board_id, component_id)
