-- The boards are together the city; what is not determined is the allocation of those that are held (contract 4).
WITH summed AS (
    SELECT
        given_grant.grant_id,
        coalesce(sum(board.allocated_sek), 0) AS allocated_sek,
        coalesce(sum(board.reported_sek), 0) AS reported_sek,
        coalesce(sum(board.eligible_sek), 0) AS eligible_sek,
        coalesce(sum(board.ineligible_sek), 0) AS ineligible_sek,
        coalesce(sum(board.liability_sek), 0) AS boards_sek,
        coalesce(sum(board.allocated_sek) FILTER (WHERE board.return_status = 'held'), 0) AS undetermined_sek
    FROM given_grant
    LEFT JOIN board USING (grant_id)
    GROUP BY given_grant.grant_id
)

SELECT
    grant_id,
    unnest([
        'allocated_sek', 'reported_sek', 'eligible_sek', 'ineligible_sek', 'boards_sek', 'undetermined_sek'
    ]) AS figure,
    unnest([
        summed.allocated_sek,
        summed.reported_sek,
        summed.eligible_sek,
        summed.ineligible_sek,
        summed.boards_sek,
        summed.undetermined_sek
    ]) AS expected,
    unnest([
        city.allocated_sek,
        city.reported_sek,
        city.eligible_sek,
        city.ineligible_sek,
        city.boards_sek,
        city.undetermined_sek
    ]) AS found
FROM summed
LEFT JOIN city USING (grant_id)
