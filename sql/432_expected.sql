-- One row per row of `reach`, and way to look ahead: the spending to expect by a day, in kronor. From the returns that
-- count it is by the end of the spending period; from earlier ones by the day that is known now, so that it can be
-- compared with what became of it. run_rate: what was used, times the days to then, by the days that had gone.
-- forecast: what was used, and as much of the rest of the board's own forecast as the days to then are of those left.
-- This is the one place where money is scaled by days: whole öre by integer division, half up, null without days.
WITH asked AS (
    SELECT
        reach.grant_id,
        reach.board_id,
        reach.component_id,
        reach.earlier_on,
        reach.eligible_sek,
        reach.forecast_sek,
        reach.elapsed_day_count,
        reach.total_day_count,
        CASE
            WHEN reach.earlier_on IS NULL THEN reach.total_day_count
            ELSE max(CASE WHEN reach.earlier_on IS NULL THEN reach.elapsed_day_count END) OVER (
                PARTITION BY reach.grant_id, reach.board_id
            )
        END AS by_day_count
    FROM reach
),

way AS (
    SELECT
        grant_id,
        board_id,
        component_id,
        earlier_on,
        'run_rate' AS way,
        0::DECIMAL(18, 2) AS known_sek,
        eligible_sek AS amount_sek,
        by_day_count AS day_count,
        elapsed_day_count AS of_day_count
    FROM asked
    UNION ALL
    SELECT
        grant_id,
        board_id,
        component_id,
        earlier_on,
        'forecast' AS way,
        eligible_sek AS known_sek,
        forecast_sek - eligible_sek AS amount_sek,
        by_day_count - elapsed_day_count AS day_count,
        total_day_count - elapsed_day_count AS of_day_count
    FROM asked
    WHERE component_id IS NULL
)

SELECT
    grant_id,
    board_id,
    component_id,
    earlier_on,
    way,
    -- an amount that no grant can have is not known
    CASE
        WHEN of_day_count > 0
            THEN try_cast(
                known_sek
                + sign(amount_sek)::INTEGER
                * (
                    ((abs(amount_sek)::DECIMAL(38, 2) * 100)::HUGEINT * 2 * day_count + of_day_count)
                    // (2 * of_day_count)
                )::DECIMAL(36, 0) * 0.01 AS DECIMAL(18, 2)
            )
    END AS expected_sek
FROM way
