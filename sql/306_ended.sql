-- One row per grant whose decisions say which year they are for, unit, part of it: what lapsed and what was overspent
-- in the years that have ended, and how much more the others have left than all years together would: what went over to
-- them, less what those that have ended left (contract 7). Board null: the city as one recipient.
SELECT
    grant_id,
    board_id,
    component_id,
    coalesce(sum(lapsed_sek), 0)::DECIMAL(18, 2) AS lapsed_sek,
    coalesce(sum(overspent_sek) FILTER (WHERE is_ended), 0)::DECIMAL(18, 2) AS overspent_sek,
    -- of the years that haven't ended only the first has something carried in
    (
        coalesce(sum(carried_in_sek) FILTER (WHERE NOT is_ended), 0)
        - coalesce(sum(allocated_sek - eligible_sek) FILTER (WHERE is_ended), 0)
    )::DECIMAL(18, 2) AS more_left_sek
FROM part_year
GROUP BY grant_id, board_id, component_id
