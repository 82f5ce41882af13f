-- Of a year that has ended: what came in, what it gave and what was overspent are together what was used, what went on
-- to the next year and what lapsed (contract 7). What goes on is what comes in, nothing comes into the first year,
-- nothing is below zero, and a year that was overspent has nothing left. What goes on is what the rule says, and
-- nothing goes on from the last year or from one that has not ended. What a year gave is what is decided for it, and
-- what was used are the lines of its days. The years are together the unit and the component, and the units that count
-- the city.
WITH following AS (
    SELECT
        part_year.*,
        given_year.to_on <= given_grant.period_end_on AS has_ended,
        given_year.is_last,
        given_grant.carry_rule,
        given_grant.carry_share,
        lag(part_year.carried_out_sek) OVER part AS carried_on_sek,
        lag(part_year.year_no) OVER part IS NULL AS is_first
    FROM part_year
    INNER JOIN given_grant USING (grant_id)
    INNER JOIN given_year USING (grant_id, year_no)
    WINDOW part AS (PARTITION BY part_year.grant_id, part_year.board_id, part_year.component_id ORDER BY year_no)
),

decided AS (
    SELECT
        grant_id,
        unit_id AS board_id,
        year_no,
        sum(amount_sek) AS amount_sek
    FROM allocation
    WHERE is_in_force
    GROUP BY grant_id, unit_id, year_no
),

spent AS (
    SELECT
        line.grant_id,
        line.board_id,
        given_year.year_no,
        sum(line.amount_sek) AS amount_sek
    FROM line
    INNER JOIN given_year
        ON
            line.grant_id = given_year.grant_id
            AND line.worked_on >= given_year.from_on
            AND line.worked_on <= given_year.to_on
    WHERE line.is_eligible
    GROUP BY line.grant_id, line.board_id, given_year.year_no
),

unit AS (
    SELECT
        part_year.grant_id,
        part_year.board_id,
        part_year.year_no,
        standing.is_held,
        sum(part_year.allocated_sek) AS allocated_sek,
        sum(part_year.eligible_sek) AS eligible_sek
    FROM part_year
    INNER JOIN standing USING (grant_id, board_id)
    GROUP BY part_year.grant_id, part_year.board_id, part_year.year_no, standing.is_held
),

city AS (
    SELECT
        grant_id,
        year_no,
        coalesce(sum(allocated_sek) FILTER (WHERE NOT is_held), 0) AS allocated_sek,
        coalesce(sum(eligible_sek), 0) AS eligible_sek
    FROM unit
    GROUP BY grant_id, year_no
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
            WHEN following.has_ended
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
        CASE
            WHEN following.eligible_sek IS NULL OR NOT following.has_ended THEN NULL
            WHEN following.is_last OR following.carry_rule = 'inget' THEN 0
            WHEN following.carry_rule = 'allt' THEN following.carried_out_sek + following.lapsed_sek
            WHEN following.carry_rule = 'andel'
                THEN least(
                    following.carried_out_sek + following.lapsed_sek,
                    ceil(following.carry_share * following.allocated_sek * 100 - 0.5) * 0.01
                )
        END,
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
    unit.grant_id,
    unit.board_id,
    NULL AS component_id,
    pair.figure,
    pair.expected,
    pair.found
FROM unit
LEFT JOIN decided USING (grant_id, board_id, year_no)
LEFT JOIN spent USING (grant_id, board_id, year_no)
CROSS JOIN (
    VALUES
    ('allocated_sek', coalesce(decided.amount_sek, 0), unit.allocated_sek),
    ('eligible_sek', CASE WHEN NOT unit.is_held THEN coalesce(spent.amount_sek, 0) END, unit.eligible_sek)
) AS pair (figure, expected, found)
UNION ALL
SELECT
    city.grant_id,
    NULL AS board_id,
    NULL AS component_id,
    pair.figure,
    pair.expected,
    pair.found
FROM city
LEFT JOIN part_year
    ON
        city.grant_id = part_year.grant_id
        AND city.year_no = part_year.year_no
        AND part_year.board_id IS NULL
CROSS JOIN (
    VALUES
    ('allocated_sek', city.allocated_sek, coalesce(part_year.allocated_sek, 0)),
    ('eligible_sek', city.eligible_sek, coalesce(part_year.eligible_sek, 0))
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
