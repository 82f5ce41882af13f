-- One row per grant whose decisions say which year they are for, unit, part of it, year: what the year gave, what was
-- used of it by day of work, and what went over to the next (contract 7). A part is a component where they are
-- earmarked, else the unit as one (component null). Board null: the city as one recipient, without the units that are
-- held (contract 8 x). A year that hasn't ended has given nothing on and lost nothing yet: null. What comes into a year
-- is known when the year before it has ended. Held: nothing but the allocation is known.
WITH RECURSIVE amount AS (
    SELECT
        standing.grant_id,
        standing.board_id,
        given_component.component_id,
        given_year.year_no,
        -- beside RECURSIVE the first query of a UNION decides the types
        0::DECIMAL(18, 2) AS allocated_sek,
        0::DECIMAL(18, 2) AS eligible_sek
    FROM standing
    INNER JOIN given_component USING (grant_id)
    INNER JOIN given_year USING (grant_id)
    UNION ALL
    SELECT
        grant_id,
        unit_id AS board_id,
        component_id,
        year_no,
        amount_sek AS allocated_sek,
        0 AS eligible_sek
    FROM allocation
    WHERE is_in_force
    UNION ALL
    SELECT
        line.grant_id,
        line.board_id,
        line.component_id,
        given_year.year_no,
        0 AS allocated_sek,
        line.amount_sek AS eligible_sek
    FROM line
    INNER JOIN given_year
        ON
            line.grant_id = given_year.grant_id
            AND line.worked_on BETWEEN given_year.from_on AND given_year.to_on
    WHERE line.is_eligible
),

part AS (
    SELECT
        amount.grant_id,
        amount.board_id,
        CASE WHEN given_grant.is_earmarked THEN amount.component_id END AS component_id,
        amount.year_no,
        sum(amount.allocated_sek) AS allocated_sek,
        sum(CASE WHEN NOT standing.is_held THEN amount.eligible_sek END) AS eligible_sek
    FROM amount
    INNER JOIN given_grant USING (grant_id)
    INNER JOIN standing USING (grant_id, board_id)
    GROUP BY ALL
    UNION ALL
    SELECT
        amount.grant_id,
        NULL AS board_id,
        NULL AS component_id,
        amount.year_no,
        sum(amount.allocated_sek) AS allocated_sek,
        sum(amount.eligible_sek) AS eligible_sek
    FROM amount
    INNER JOIN standing USING (grant_id, board_id)
    WHERE NOT standing.is_held
    GROUP BY ALL
),

dated AS (
    SELECT
        part.grant_id,
        part.board_id,
        part.component_id,
        part.year_no,
        given_year.from_on,
        given_year.to_on,
        given_year.is_last,
        given_year.to_on <= given_grant.period_end_on AS is_ended,
        given_grant.carry_rule,
        given_grant.carry_share,
        part.allocated_sek::DECIMAL(18, 2) AS allocated_sek,
        part.eligible_sek::DECIMAL(18, 2) AS eligible_sek
    FROM part
    INNER JOIN given_grant USING (grant_id)
    INNER JOIN given_year USING (grant_id, year_no)
),

begun AS (
    SELECT
        *,
        CASE WHEN eligible_sek IS NOT NULL THEN 0 END::DECIMAL(18, 2) AS carried_in_sek
    FROM dated
    WHERE year_no = 1
    UNION ALL
    SELECT
        dated.*,
        CASE
            WHEN begun.is_ended
                THEN carried_over(
                    begun.carry_rule, begun.carry_share, begun.allocated_sek,
                    at_least_zero(begun.carried_in_sek + begun.allocated_sek - begun.eligible_sek)
                )
        END AS carried_in_sek
    FROM begun
    INNER JOIN dated
        ON
            begun.grant_id = dated.grant_id
            AND begun.board_id IS NOT DISTINCT FROM dated.board_id
            AND begun.component_id IS NOT DISTINCT FROM dated.component_id
            AND begun.year_no + 1 = dated.year_no
),

ended AS (
    SELECT
        *,
        at_least_zero(carried_in_sek + allocated_sek - eligible_sek) AS left_sek,
        CASE
            WHEN is_ended AND is_last THEN 0 * left_sek
            WHEN is_ended THEN carried_over(carry_rule, carry_share, allocated_sek, left_sek)
        END::DECIMAL(18, 2) AS carried_out_sek
    FROM begun
)

SELECT
    grant_id,
    board_id,
    component_id,
    year_no,
    from_on,
    to_on,
    is_ended,
    allocated_sek,
    carried_in_sek,
    eligible_sek,
    carried_out_sek,
    (left_sek - carried_out_sek)::DECIMAL(18, 2) AS lapsed_sek,
    at_least_zero(eligible_sek - carried_in_sek - allocated_sek) AS overspent_sek
FROM ended
