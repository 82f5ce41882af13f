-- One row per grant whose decisions say which year they are for, unit, part of it: the years that have ended together,
-- and what went over to the first that hasn't (contract 7). Board null: the city as one recipient.
SELECT
    grant_id,
    board_id,
    component_id,
    coalesce(sum(allocated_sek) FILTER (WHERE is_ended), 0)::DECIMAL(18, 2) AS allocated_sek,
    coalesce(sum(eligible_sek) FILTER (WHERE is_ended), 0)::DECIMAL(18, 2) AS eligible_sek,
    coalesce(sum(lapsed_sek), 0)::DECIMAL(18, 2) AS lapsed_sek,
    coalesce(sum(overspent_sek) FILTER (WHERE is_ended), 0)::DECIMAL(18, 2) AS overspent_sek,
    -- of the years that haven't ended only the first has something carried in
    coalesce(sum(carried_in_sek) FILTER (WHERE NOT is_ended), 0)::DECIMAL(18, 2) AS carried_sek
FROM part_year
GROUP BY grant_id, board_id, component_id
