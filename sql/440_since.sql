-- One row per grant, board and earlier period that the board has reported: what has changed since, and how right the
-- forecasts of then were about the spending that is known now. An error is what was said minus what became of it, so
-- above zero the forecast was too high. Unspent then and now is of the allocation in force now.
WITH said AS (
    SELECT
        grant_id,
        board_id,
        earlier_on,
        max(CASE WHEN way = 'run_rate' THEN expected_sek END) AS run_rate_said_sek,
        max(CASE WHEN way = 'forecast' THEN expected_sek END) AS forecast_said_sek
    FROM expected
    WHERE component_id IS NULL AND earlier_on IS NOT NULL
    GROUP BY grant_id, board_id, earlier_on
),

beside AS (
    SELECT
        now.grant_id,
        now.board_id,
        earlier.earlier_on,
        earlier.earlier_on = max(earlier.earlier_on) OVER (PARTITION BY now.grant_id, now.board_id) AS is_latest,
        earlier.eligible_sek AS before_eligible_sek,
        now.eligible_sek,
        earlier.forecast_sek AS before_forecast_sek,
        now.forecast_sek,
        -- greatest() passes over nulls, so an unknown forecast is asked for by name
        CASE
            WHEN earlier.forecast_sek IS NOT NULL
                THEN greatest(0, now.allocated_sek - greatest(earlier.forecast_sek, earlier.eligible_sek))
        END AS before_unspent_sek,
        board.projected_unspent_sek,
        said.run_rate_said_sek,
        said.forecast_said_sek,
        earlier.files
    FROM reach AS now
    INNER JOIN reach AS earlier USING (grant_id, board_id)
    INNER JOIN board USING (grant_id, board_id)
    INNER JOIN said
        ON
            now.grant_id = said.grant_id
            AND now.board_id = said.board_id
            AND earlier.earlier_on = said.earlier_on
    WHERE now.component_id IS NULL AND now.earlier_on IS NULL AND earlier.component_id IS NULL
)

SELECT
    grant_id,
    board_id,
    earlier_on,
    is_latest,
    before_eligible_sek,
    eligible_sek,
    (eligible_sek - before_eligible_sek)::DECIMAL(18, 2) AS eligible_change_sek,
    before_forecast_sek,
    forecast_sek,
    (forecast_sek - before_forecast_sek)::DECIMAL(18, 2) AS forecast_change_sek,
    before_unspent_sek::DECIMAL(18, 2) AS before_unspent_sek,
    projected_unspent_sek::DECIMAL(18, 2) AS projected_unspent_sek,
    (projected_unspent_sek - before_unspent_sek)::DECIMAL(18, 2) AS unspent_change_sek,
    run_rate_said_sek,
    (run_rate_said_sek - eligible_sek)::DECIMAL(18, 2) AS run_rate_error_sek,
    forecast_said_sek,
    (forecast_said_sek - eligible_sek)::DECIMAL(18, 2) AS forecast_error_sek,
    files
FROM beside
