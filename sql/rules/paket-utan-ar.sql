-- Filed reports that count in a grant whose money is counted year by year: nothing in them says which year an amount is
-- of (contract 7).
SELECT
    grant_id,
    board_id,
    file
FROM returned
WHERE
    kind = 'report'
    AND outcome = 'candidate'
    AND grant_id IN (SELECT given_year.grant_id FROM given_year)
