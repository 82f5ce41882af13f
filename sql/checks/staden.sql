-- The boards are together the city; what is not determined is the allocation of those that are held (contract 4).
WITH summed AS (
    SELECT
        given_grant.grant_id,
        CASE WHEN given_grant.total_sek IS NOT NULL THEN 0 END AS known_sek,
        coalesce(sum(board.allocated_sek), known_sek) AS allocated_sek,
        coalesce(sum(board.reported_sek), 0) AS reported_sek,
        coalesce(sum(board.eligible_sek), 0) AS eligible_sek,
        coalesce(sum(board.ineligible_sek), 0) AS ineligible_sek,
        coalesce(sum(board.liability_sek), known_sek) AS boards_sek,
        coalesce(sum(board.allocated_sek) FILTER (WHERE board.return_status = 'held'), known_sek) AS undetermined_sek
    FROM given_grant
    LEFT JOIN board USING (grant_id)
    GROUP BY given_grant.grant_id, given_grant.total_sek
)

SELECT
    grant_id,
    pair.figure,
    pair.expected,
    pair.found
FROM summed
LEFT JOIN city USING (grant_id)
CROSS JOIN (
    VALUES
    ('allocated_sek', summed.allocated_sek, city.allocated_sek),
    ('reported_sek', summed.reported_sek, city.reported_sek),
    ('eligible_sek', summed.eligible_sek, city.eligible_sek),
    ('ineligible_sek', summed.ineligible_sek, city.ineligible_sek),
    ('boards_sek', summed.boards_sek, city.boards_sek),
    ('undetermined_sek', summed.undetermined_sek, city.undetermined_sek)
) AS pair (figure, expected, found)
