-- Units whose return has more without support in the accounts than the grant's terms let pass: what is only in the
-- return, what it has higher than the voucher, and what is credited in the accounts alone (contract 6).
WITH lacking AS (
    SELECT
        part.grant_id,
        part.board_id,
        sum(part.amount_sek)::DECIMAL(18, 2) AS lacking_sek
    FROM (
        SELECT
            grant_id,
            board_id,
            reported_sek AS amount_sek
        FROM pair
        WHERE how = 'only_return'
        UNION ALL
        SELECT
            grant_id,
            board_id,
            reported_sek - booked_sek AS amount_sek
        FROM pair
        WHERE how = 'other_amount' AND reported_sek > booked_sek
        UNION ALL
        SELECT
            grant_id,
            board_id,
            amount_sek
        FROM credited
    ) AS part
    GROUP BY part.grant_id, part.board_id
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
