-- One row per grant, board: the boards' own forecast over the whole grant, known only when every sender gave one, and
-- what it leaves unspent (contract 3).
WITH forecast AS (
    SELECT
        grant_id,
        board_id,
        CASE WHEN count(forecast_sek) = count(*) THEN sum(forecast_sek) END::DECIMAL(18, 2) AS forecast_sek
    FROM sender
    GROUP BY grant_id, board_id
)

SELECT
    standing.grant_id,
    standing.board_id,
    forecast.forecast_sek,
    greatest(0, standing.allocated_sek - forecast.forecast_sek)::DECIMAL(18, 2) AS projected_unspent_sek
FROM standing
INNER JOIN forecast USING (grant_id, board_id)
WHERE NOT standing.is_held AND NOT standing.is_missing AND forecast.forecast_sek IS NOT NULL
