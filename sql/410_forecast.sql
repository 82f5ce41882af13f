-- One row per grant, unit that is not held: its own forecast over the whole grant, known only when every sender that
-- counts gave one, and what looks like going unspent: what the larger of forecast and eligible spending leaves of the
-- allocation. On the grant's last day nothing more can be used, so it is what is left, forecast or not (contract 3).
WITH said AS (
    SELECT
        grant_id,
        board_id,
        CASE WHEN count(forecast_sek) = count(*) THEN sum(forecast_sek) END::DECIMAL(18, 2) AS forecast_sek
    FROM sender
    GROUP BY grant_id, board_id
)

SELECT
    board_money.grant_id,
    board_money.board_id,
    said.forecast_sek,
    -- greatest() passes over nulls, so an unknown forecast is asked for by name
    CASE
        WHEN given_grant.period_end_on = given_grant.spend_to_on
            THEN at_least_zero(board_money.allocated_sek - board_money.eligible_sek)
        WHEN said.forecast_sek IS NOT NULL
            THEN at_least_zero(board_money.allocated_sek - greatest(said.forecast_sek, board_money.eligible_sek))
    END::DECIMAL(18, 2) AS projected_unspent_sek
FROM board_money
INNER JOIN given_grant USING (grant_id)
LEFT JOIN said USING (grant_id, board_id)
WHERE board_money.eligible_sek IS NOT NULL
