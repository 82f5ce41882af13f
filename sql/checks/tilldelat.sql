-- What a unit has for a component is the latest amount that was decided by the run's day, for each year and each board
-- that is part of it, but for those that a decision on a later board of the chain has ended (contract 2, Chains;
-- contract 4; contract 8 v). What was inherited is what was decided for another board than the unit's own.
WITH decided AS (
    SELECT
        given_decision.grant_id,
        given_decision.board_id,
        given_decision.component_id,
        given_decision.year_no,
        arg_max(given_decision.amount_sek, given_decision.decided_on) AS amount_sek
    FROM given_decision
    INNER JOIN given_grant USING (grant_id)
    WHERE given_decision.decided_on <= given_grant.as_of_on
    GROUP BY
        given_decision.grant_id, given_decision.board_id, given_decision.component_id, given_decision.year_no
),

ended AS (
    SELECT
        later.grant_id,
        heir.board_id,
        later.component_id,
        later.year_no
    FROM decided AS later
    INNER JOIN heir ON later.board_id = heir.heir_id
),

held AS (
    SELECT
        decided.grant_id,
        unit.unit_id AS board_id,
        decided.component_id,
        sum(decided.amount_sek) AS amount_sek,
        sum(decided.amount_sek) FILTER (WHERE decided.board_id <> unit.unit_id) AS inherited_sek
    FROM decided
    INNER JOIN unit
        ON
            decided.grant_id = unit.grant_id
            AND decided.board_id = unit.member_id
    ANTI JOIN ended
        ON
            decided.grant_id = ended.grant_id
            AND decided.board_id = ended.board_id
            AND decided.component_id = ended.component_id
            AND decided.year_no = ended.year_no
    GROUP BY decided.grant_id, unit.unit_id, decided.component_id
),

passed_on AS (
    SELECT
        grant_id,
        board_id,
        sum(inherited_sek) AS amount_sek
    FROM held
    WHERE inherited_sek IS NOT NULL
    GROUP BY grant_id, board_id
),

told AS (
    SELECT
        grant_id,
        board_id,
        sum(amount_sek) AS amount_sek
    FROM inherited
    GROUP BY grant_id, board_id
)

SELECT
    grant_id,
    board_id,
    component_id,
    'allocated_sek' AS figure,
    coalesce(held.amount_sek, CASE WHEN given_grant.total_sek IS NOT NULL THEN 0 END) AS expected,
    board_component.allocated_sek AS found
FROM held
FULL OUTER JOIN board_component USING (grant_id, board_id, component_id)
LEFT JOIN given_grant USING (grant_id)
UNION ALL
SELECT
    grant_id,
    board_id,
    NULL AS component_id,
    'inherited_sek' AS figure,
    passed_on.amount_sek AS expected,
    told.amount_sek AS found
FROM passed_on
FULL OUTER JOIN told USING (grant_id, board_id)
