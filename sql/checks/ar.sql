-- Of a year that has ended: what came in, what it gave and what was overspent are together what was used, what went on
-- to the next year and what lapsed (contract 7). What goes on is what comes in, nothing comes into the first year and
-- nothing goes on from the last, nothing is below zero, and a year that was overspent has nothing left. The years are
-- together the unit and the component.
WITH following AS (
    SELECT
        *,
        lag(carried_out_sek) OVER part AS carried_on_sek,
        lag(year_no) OVER part IS NULL AS is_first,
        lead(year_no) OVER part IS NULL AS is_last
    FROM part_year
    WINDOW part AS (PARTITION BY grant_id, board_id, component_id ORDER BY year_no)
),

summed AS (
    SELECT
        grant_id,
        board_id,
        component_id,
        sum(allocated_sek) AS allocated_sek,
        sum(eligible_sek) AS eligible_sek
    FROM board_year
    GROUP BY grant_id, board_id, component_id
)

SELECT
    following.grant_id,
    following.board_id,
    following.component_id,
    pair.figure,
    pair.expected,
    pair.found
FROM following
CROSS JOIN (
    VALUES
    (
        'eligible_sek',
        CASE
            WHEN following.is_ended
                THEN
                    following.carried_in_sek + following.allocated_sek + following.overspent_sek
                    - following.carried_out_sek - following.lapsed_sek
            ELSE following.eligible_sek
        END,
        following.eligible_sek
    ),
    (
        'carried_in_sek',
        CASE
            WHEN following.is_first AND following.eligible_sek IS NOT NULL THEN 0
            ELSE following.carried_on_sek
        END,
        following.carried_in_sek
    ),
    ('carried_in_sek', greatest(following.carried_in_sek, 0), coalesce(following.carried_in_sek, 0)),
    (
        'carried_out_sek',
        CASE WHEN following.is_last AND following.carried_out_sek IS NOT NULL THEN 0 ELSE following.carried_out_sek END,
        following.carried_out_sek
    ),
    ('lapsed_sek', greatest(following.lapsed_sek, 0), coalesce(following.lapsed_sek, 0)),
    ('overspent_sek', greatest(following.overspent_sek, 0), coalesce(following.overspent_sek, 0)),
    (
        'overspent_sek',
        CASE WHEN following.carried_out_sek + following.lapsed_sek > 0 THEN 0 ELSE following.overspent_sek END,
        following.overspent_sek
    )
) AS pair (figure, expected, found)
UNION ALL
SELECT
    board.grant_id,
    board.board_id,
    NULL AS component_id,
    pair.figure,
    pair.expected,
    pair.found
FROM summed
INNER JOIN board USING (grant_id, board_id)
CROSS JOIN (
    VALUES
    ('allocated_sek', summed.allocated_sek, board.allocated_sek),
    ('eligible_sek', summed.eligible_sek, board.eligible_sek)
) AS pair (figure, expected, found)
WHERE summed.component_id IS NULL
UNION ALL
SELECT
    grant_id,
    board_id,
    component_id,
    pair.figure,
    pair.expected,
    pair.found
FROM summed
INNER JOIN board_component USING (grant_id, board_id, component_id)
CROSS JOIN (
    VALUES
    ('allocated_sek', summed.allocated_sek, board_component.allocated_sek),
    ('eligible_sek', summed.eligible_sek, board_component.eligible_sek)
) AS pair (figure, expected, found)
