-- One row per grant, board that has an allocation or a return of its own: what it was given and how it stands.
-- Missing: nothing from the board itself. Held: one held sender holds the board (contract 2 and 3).
WITH allocated AS (
    SELECT
        grant_id,
        board_id,
        any_value(name) AS name,
        sum(amount_sek)::DECIMAL(18, 2) AS allocated_sek
    FROM allocation
    WHERE is_in_force
    GROUP BY grant_id, board_id
),

sent AS (
    SELECT
        grant_id,
        board_id,
        any_value(board_name) AS name,
        bool_or(is_own) AS has_own,
        bool_or(is_held) AS is_held,
        bool_and(is_up_to_date) AS is_up_to_date
    FROM sender
    GROUP BY grant_id, board_id
)

SELECT
    grant_id,
    board_id,
    coalesce(allocated.name, sent.name) AS name,
    coalesce(allocated.allocated_sek, 0)::DECIMAL(18, 2) AS allocated_sek,
    coalesce(sent.has_own, FALSE) = FALSE AS is_missing,
    coalesce(sent.has_own AND sent.is_held, FALSE) AS is_held,
    coalesce(sent.has_own AND NOT sent.is_up_to_date, FALSE) AS is_outdated
FROM allocated
FULL OUTER JOIN sent USING (grant_id, board_id)
