-- The lines that count are together what each board has in each component; a board that is held has none that count.
WITH summed AS (
    SELECT
        grant_id,
        board_id,
        component_id,
        coalesce(sum(amount_sek) FILTER (WHERE is_eligible), 0) AS eligible_sek,
        coalesce(sum(amount_sek) FILTER (WHERE NOT is_eligible), 0) AS ineligible_sek
    FROM line
    GROUP BY grant_id, board_id, component_id
)

SELECT
    grant_id,
    board_id,
    component_id,
    pair.figure,
    coalesce(pair.summed_sek, CASE WHEN board.return_status <> 'held' THEN 0 END) AS expected,
    pair.found
FROM summed
FULL OUTER JOIN board_component USING (grant_id, board_id, component_id)
LEFT JOIN board USING (grant_id, board_id)
CROSS JOIN (
    VALUES
    ('eligible_sek', summed.eligible_sek, board_component.eligible_sek),
    ('ineligible_sek', summed.ineligible_sek, board_component.ineligible_sek)
) AS pair (figure, summed_sek, found)
