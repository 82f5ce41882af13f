-- Units with a return of which the extracts of the accounts say nothing at all, neither on the grant's project nor on
-- any other: nothing can be compared.
SELECT
    grant_id,
    board_id,
    name
FROM evidence
WHERE NOT is_told AND reported_sek <> 0
