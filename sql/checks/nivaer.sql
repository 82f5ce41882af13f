-- Whoever is on a higher level has what its nearest parts have, on whatever level they are, and each level's parts are
-- together all of them: the identity of the levels, reached from one step up and from across.
WITH nearest AS (
    SELECT
        board.grant_id,
        given_board.above_id AS upper_id,
        board.allocated_sek,
        board.reported_sek,
        board.eligible_sek,
        board.ineligible_sek,
        board.liability_sek,
        1 AS board_count
    FROM board
    INNER JOIN given_board USING (board_id)
    UNION ALL BY NAME
    SELECT
        grant_id,
        above_id AS upper_id,
        allocated_sek,
        reported_sek,
        eligible_sek,
        ineligible_sek,
        liability_sek,
        board_count
    FROM level
    WHERE level_id IS NULL
),

from_parts AS (
    SELECT
        grant_id,
        upper_id,
        sum(allocated_sek) AS allocated_sek,
        coalesce(sum(reported_sek), 0) AS reported_sek,
        coalesce(sum(eligible_sek), 0) AS eligible_sek,
        coalesce(sum(ineligible_sek), 0) AS ineligible_sek,
        coalesce(sum(liability_sek), 0) AS liability_sek,
        sum(board_count) AS board_count
    FROM nearest
    WHERE upper_id IS NOT NULL
    GROUP BY grant_id, upper_id
),

across AS (
    SELECT
        grant_id,
        upper_id,
        sum(allocated_sek) AS allocated_sek,
        sum(reported_sek) AS reported_sek,
        sum(eligible_sek) AS eligible_sek,
        sum(ineligible_sek) AS ineligible_sek,
        sum(liability_sek) AS liability_sek,
        sum(board_count) AS board_count
    FROM level
    WHERE level_id IS NOT NULL
    GROUP BY grant_id, upper_id
),

another_way AS (
    SELECT * FROM from_parts
    UNION ALL
    SELECT * FROM across
),

whole AS (
    SELECT * FROM level
    WHERE level_id IS NULL
)

SELECT
    grant_id,
    upper_id AS board_id,
    pair.figure,
    pair.expected,
    pair.found
FROM another_way
FULL OUTER JOIN whole USING (grant_id, upper_id)
CROSS JOIN (
    VALUES
    ('allocated_sek', another_way.allocated_sek, whole.allocated_sek),
    ('reported_sek', another_way.reported_sek, whole.reported_sek),
    ('eligible_sek', another_way.eligible_sek, whole.eligible_sek),
    ('ineligible_sek', another_way.ineligible_sek, whole.ineligible_sek),
    ('liability_sek', another_way.liability_sek, whole.liability_sek),
    ('board_count', another_way.board_count, whole.board_count)
) AS pair (figure, expected, found)
