-- Units whose return has more without support in the accounts than the grant's terms let pass: what is only in the
-- return, what it has higher than the voucher, and what is credited in the accounts alone (contract 6).
WITH lacking AS (
    SELECT
        pair.grant_id,
        pair.board_id,
        sum(
            CASE
                WHEN pair.how = 'only_return' THEN pair.reported_sek
                WHEN pair.how = 'only_booked' AND pair.booked_sek < 0 THEN -pair.booked_sek
                WHEN pair.how = 'other_amount' AND pair.reported_sek > pair.booked_sek
                    THEN pair.reported_sek - pair.booked_sek
                ELSE 0
            END
        )::DECIMAL(18, 2) AS lacking_sek
    FROM pair
    GROUP BY pair.grant_id, pair.board_id
)

SELECT
    lacking.grant_id,
    lacking.board_id,
    evidence.name,
    evidence.reported_sek,
    lacking.lacking_sek,
    given_separate_accounts.limit_sek
FROM lacking
INNER JOIN evidence USING (grant_id, board_id)
INNER JOIN given_separate_accounts USING (grant_id)
WHERE lacking.lacking_sek > given_separate_accounts.limit_sek
