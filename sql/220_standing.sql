-- One row per grant, unit that has an allocation or a return: what it was given and how it stands (contract 2, Chains).
-- Missing: no sender of it has a return. Held: one held sender holds the unit. Outdated: a sender stops before the
-- period's end and its own last day, or no sender reaches the period's end. What it was given is unknown where the
-- grant's amount is.
WITH allocated AS (
    SELECT
        allocation.grant_id,
        allocation.unit_id AS board_id,
        given_board.name,
        sum(allocation.amount_sek)::DECIMAL(18, 2) AS allocated_sek
    FROM allocation
    INNER JOIN given_board ON allocation.unit_id = given_board.board_id
    WHERE allocation.is_in_force
    GROUP BY allocation.grant_id, allocation.unit_id, given_board.name
),

sent AS (
    SELECT
        grant_id,
        board_id,
        any_value(board_name) AS name,
        bool_or(is_held) AS is_held,
        bool_and(is_up_to_date) AND bool_or(reaches_end) AS is_up_to_date
    FROM sender
    GROUP BY grant_id, board_id
)

SELECT
    grant_id,
    board_id,
    coalesce(allocated.name, sent.name) AS name,
    CASE WHEN given_grant.total_sek IS NOT NULL THEN coalesce(allocated.allocated_sek, 0) END::DECIMAL(18, 2)
        AS allocated_sek,
    sent.name IS NULL AS is_missing,
    coalesce(sent.is_held, FALSE) AS is_held,
    coalesce(NOT sent.is_up_to_date, FALSE) AS is_outdated
FROM allocated
FULL OUTER JOIN sent USING (grant_id, board_id)
INNER JOIN given_grant USING (grant_id)
