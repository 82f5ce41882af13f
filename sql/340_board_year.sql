-- One row per grant whose decisions say which year they are for, unit, year: its money of the year (contract 7). Where
-- components are earmarked there is a row for each of them too, and the unit's is their sum (contract 8 z).
WITH summed AS (
    SELECT
        grant_id,
        board_id,
        NULL AS component_id,
        year_no,
        from_on,
        to_on,
        sum(allocated_sek) AS allocated_sek,
        sum(carried_in_sek) AS carried_in_sek,
        sum(eligible_sek) AS eligible_sek,
        sum(carried_out_sek) AS carried_out_sek,
        sum(lapsed_sek) AS lapsed_sek,
        sum(overspent_sek) AS overspent_sek
    FROM part_year
    WHERE board_id IS NOT NULL
    GROUP BY grant_id, board_id, year_no, from_on, to_on
    UNION ALL BY NAME
    SELECT * EXCLUDE (is_ended)
    FROM part_year
    WHERE board_id IS NOT NULL AND component_id IS NOT NULL
)

SELECT
    grant_id,
    board_id,
    component_id,
    concat_ws('.', board_id, component_id) AS subject,
    year_no,
    from_on,
    to_on,
    allocated_sek::DECIMAL(18, 2) AS allocated_sek,
    carried_in_sek::DECIMAL(18, 2) AS carried_in_sek,
    eligible_sek::DECIMAL(18, 2) AS eligible_sek,
    carried_out_sek::DECIMAL(18, 2) AS carried_out_sek,
    lapsed_sek::DECIMAL(18, 2) AS lapsed_sek,
    overspent_sek::DECIMAL(18, 2) AS overspent_sek
FROM summed
