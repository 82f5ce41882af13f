-- One row per grant, board that counts, and component: how fast the money is used and what is left by two forecasts.
-- Board null: the whole grant, where boards that are held have no part, a missing one has used nothing, and the
-- forecasts, and what boards wish for beyond their allocation, are the sums of those that are known. The forecast of a
-- component is not known: a board gives one in all. Shares have four decimals, half up. The flag of contract 3 rests on
-- the board's own forecast alone.
WITH wish AS (
    SELECT
        grant_id,
        board_id,
        sum(wanted_sek) AS wanted_sek
    FROM sender
    GROUP BY grant_id, board_id
),

looked AS (
    SELECT
        reach.*,
        expected.expected_sek AS run_rate_sek
    FROM reach
    INNER JOIN expected
        ON
            reach.grant_id = expected.grant_id
            AND reach.board_id = expected.board_id
            AND reach.component_id IS NOT DISTINCT FROM expected.component_id
    WHERE reach.earlier_on IS NULL AND expected.earlier_on IS NULL AND expected.way = 'run_rate'
),

known AS (
    SELECT
        looked.grant_id,
        looked.board_id,
        looked.component_id,
        concat_ws('.', looked.board_id, looked.component_id) AS subject,
        looked.reached_on,
        looked.allocated_sek,
        looked.eligible_sek,
        looked.elapsed_day_count,
        looked.total_day_count,
        looked.run_rate_sek,
        CASE WHEN looked.run_rate_sek IS NOT NULL THEN greatest(0, looked.allocated_sek - looked.run_rate_sek) END
            AS run_rate_unspent_sek,
        looked.forecast_sek,
        CASE WHEN looked.component_id IS NULL THEN board.projected_unspent_sek END AS projected_unspent_sek,
        CASE WHEN looked.component_id IS NULL THEN wish.wanted_sek END AS wanted_sek,
        NULL::INTEGER AS run_rate_count,
        NULL::INTEGER AS forecast_count
    FROM looked
    INNER JOIN wish USING (grant_id, board_id)
    INNER JOIN board USING (grant_id, board_id)
),

city AS (
    SELECT
        board.grant_id,
        NULL AS board_id,
        NULL AS component_id,
        'staden' AS subject,
        given_grant.period_end_on AS reached_on,
        coalesce(sum(board.allocated_sek) FILTER (WHERE board.return_status <> 'held'), 0) AS allocated_sek,
        coalesce(sum(board.eligible_sek), 0) AS eligible_sek,
        (given_grant.period_end_on - given_grant.spend_from_on + 1)::INTEGER AS elapsed_day_count,
        (given_grant.spend_to_on - given_grant.spend_from_on + 1)::INTEGER AS total_day_count,
        sum(known.run_rate_sek) AS run_rate_sek,
        sum(known.run_rate_unspent_sek) AS run_rate_unspent_sek,
        sum(known.forecast_sek) AS forecast_sek,
        sum(board.projected_unspent_sek) AS projected_unspent_sek,
        sum(known.wanted_sek) AS wanted_sek,
        count(known.run_rate_sek)::INTEGER AS run_rate_count,
        count(known.forecast_sek)::INTEGER AS forecast_count
    FROM board
    INNER JOIN given_grant USING (grant_id)
    LEFT JOIN known
        ON
            board.grant_id = known.grant_id
            AND board.board_id = known.board_id
            AND known.component_id IS NULL
    WHERE NOT given_grant.is_final AND given_grant.total_sek IS NOT NULL
    GROUP BY board.grant_id, given_grant.period_end_on, given_grant.spend_from_on, given_grant.spend_to_on
),

everyone AS (
    SELECT * FROM city
    UNION ALL
    SELECT * FROM known
)

SELECT
    grant_id,
    board_id,
    component_id,
    subject,
    reached_on,
    allocated_sek::DECIMAL(18, 2) AS allocated_sek,
    eligible_sek::DECIMAL(18, 2) AS eligible_sek,
    CASE
        WHEN allocated_sek > 0
            THEN share_of(eligible_sek, allocated_sek)
    END AS used_share,
    elapsed_day_count,
    total_day_count,
    share_of(elapsed_day_count, total_day_count) AS elapsed_share,
    run_rate_sek::DECIMAL(18, 2) AS run_rate_sek,
    run_rate_unspent_sek::DECIMAL(18, 2) AS run_rate_unspent_sek,
    forecast_sek::DECIMAL(18, 2) AS forecast_sek,
    projected_unspent_sek::DECIMAL(18, 2) AS projected_unspent_sek,
    wanted_sek::DECIMAL(18, 2) AS wanted_sek,
    run_rate_count,
    forecast_count
FROM everyone
