-- One row per grant, board of the register: the accountable unit that the board is part of within the grant
-- (contract 2, Chains). It is the last board of the chain that has begun by the unit day, which is the period's end,
-- or that a decision up to the as-of date names.
WITH named AS (
    SELECT
        given_grant.grant_id,
        given_decision.board_id
    FROM given_decision
    INNER JOIN given_grant USING (grant_id)
    WHERE given_decision.decided_on <= given_grant.as_of_on
),

become AS (
    SELECT
        given_grant.grant_id,
        heir.board_id,
        arg_max(heir.heir_id, heir.distance) AS heir_id
    FROM given_grant
    CROSS JOIN heir
    LEFT JOIN named
        ON
            given_grant.grant_id = named.grant_id
            AND heir.heir_id = named.board_id
    WHERE heir.first_on <= given_grant.period_end_on OR named.board_id IS NOT NULL
    GROUP BY given_grant.grant_id, heir.board_id
)

SELECT
    given_grant.grant_id,
    given_board.board_id AS member_id,
    coalesce(become.heir_id, given_board.board_id) AS unit_id
FROM given_grant
CROSS JOIN given_board
LEFT JOIN become
    ON
        given_grant.grant_id = become.grant_id
        AND given_board.board_id = become.board_id
