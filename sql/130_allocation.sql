-- One row per grant, decision, board, component: what was decided up to the as-of date, and whether it is in force.
-- A later decision replaces earlier amounts for the boards and components that it names (contract 4: allocation A).
SELECT
    given_decision.grant_id,
    given_decision.decision_id,
    given_decision.decided_on,
    given_decision.decided_by,
    given_decision.board_id,
    given_sender.name,
    given_decision.component_id,
    given_decision.amount_sek,
    row_number() OVER (
        PARTITION BY given_decision.grant_id, given_decision.board_id, given_decision.component_id
        ORDER BY given_decision.decided_on DESC
    ) = 1 AS is_in_force
FROM given_decision
INNER JOIN given_grant USING (grant_id)
INNER JOIN given_sender
    ON
        given_decision.grant_id = given_sender.grant_id
        AND given_decision.board_id = given_sender.sender_id
WHERE given_decision.decided_on <= given_grant.as_of_on
