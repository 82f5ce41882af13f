-- What is reported differs from what is booked by what is only in the return, less what is only in the accounts, and by
-- other amounts; and the pairs hold all that is reported (contract 6).
SELECT
    grant_id,
    board_id,
    'difference_sek' AS figure,
    only_return_sek - only_booked_sek + other_amount_sek AS expected,
    reported_sek - booked_sek AS found
FROM evidence
WHERE booked_sek IS NOT NULL
UNION ALL BY NAME
SELECT
    evidence.grant_id,
    evidence.board_id,
    'reported_sek' AS figure,
    evidence.reported_sek AS expected,
    coalesce(sum(pair.reported_sek), 0) AS found
FROM evidence
LEFT JOIN pair USING (grant_id, board_id)
WHERE evidence.booked_sek IS NOT NULL
GROUP BY evidence.grant_id, evidence.board_id, evidence.reported_sek
