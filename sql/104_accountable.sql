-- One row per grant, board of the register: the unit that answers for what the board sends (contract 2, Chains).
-- It is the one that the board is part of. A successor that the grant knows nothing of is answered for by its
-- predecessors' unit, where they have only one; where they have several it is by itself, and they are its choices.
-- Where the grant's amount is unknown, nobody knows who has got any of it: every unit that has begun by the unit day
-- takes part.
WITH funded AS (
    SELECT DISTINCT
        grant_id,
        unit_id
    FROM allocation
    UNION
    SELECT
        unit.grant_id,
        unit.unit_id
    FROM unit
    INNER JOIN given_grant USING (grant_id)
    INNER JOIN given_board ON unit.unit_id = given_board.board_id
    WHERE
        given_grant.total_sek IS NULL
        AND coalesce(given_board.first_on <= given_grant.period_end_on, TRUE)
),

before AS (
    SELECT
        unit.grant_id,
        unit.member_id,
        list(funded.unit_id ORDER BY funded.unit_id) AS unit_ids
    FROM unit
    INNER JOIN heir ON unit.unit_id = heir.heir_id
    INNER JOIN funded
        ON
            unit.grant_id = funded.grant_id
            AND heir.board_id = funded.unit_id
    GROUP BY unit.grant_id, unit.member_id
),

answered AS (
    SELECT
        unit.grant_id,
        unit.member_id,
        funded.unit_id IS NOT NULL OR len(before.unit_ids) = 1 AS is_participant,
        funded.unit_id IS NULL AND coalesce(len(before.unit_ids) = 1, FALSE) AS is_by_predecessor,
        CASE WHEN funded.unit_id IS NULL AND len(before.unit_ids) = 1 THEN before.unit_ids[1] ELSE unit.unit_id END
            AS board_id,
        CASE WHEN funded.unit_id IS NULL AND len(before.unit_ids) > 1 THEN before.unit_ids END AS choices
    FROM unit
    LEFT JOIN funded USING (grant_id, unit_id)
    LEFT JOIN before USING (grant_id, member_id)
)

SELECT
    answered.grant_id,
    answered.member_id AS sender_id,
    sender.name AS sender_name,
    sender.last_on,
    answered.board_id,
    board.name AS board_name,
    coalesce(answered.is_participant, FALSE) AS is_participant,
    answered.is_by_predecessor,
    answered.choices
FROM answered
INNER JOIN given_board AS sender ON answered.member_id = sender.board_id
INNER JOIN given_board AS board ON answered.board_id = board.board_id
