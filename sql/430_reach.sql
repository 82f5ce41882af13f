-- One row per grant, board, component and day that the board's returns reach: what was used by then, and how many days
-- of the spending period that is. Component null: the board together. `earlier_on` null: the returns that count; else
-- what the run's earlier returns said, one row for each earlier period of the board's own, as they would have counted
-- then, of the unit's own or, where it has sent nothing itself, of the sender that reaches longest. Only in a quarter,
-- only for units whose returns count, and only where the grant's amount is known. A predecessor that has reported to
-- its own last day holds nothing back: nothing more will come from it. Shares and forecasts are of the allocation in
-- force now.
WITH own AS (
    SELECT
        sender.grant_id,
        sender.board_id,
        sender.sender_id,
        sender.period_end_on
    FROM sender
    INNER JOIN standing USING (grant_id, board_id)
    INNER JOIN given_grant USING (grant_id)
    WHERE NOT standing.is_held AND NOT given_grant.is_final AND given_grant.total_sek IS NOT NULL
    QUALIFY row_number() OVER (
        PARTITION BY sender.grant_id, sender.board_id
        ORDER BY sender.is_own DESC, sender.period_end_on DESC, sender.sender_id
    ) = 1
),

earlier AS (
    SELECT DISTINCT
        own.grant_id,
        own.board_id,
        returned.period_end_on AS earlier_on
    FROM own
    INNER JOIN returned USING (grant_id, sender_id)
    WHERE returned.outcome = 'superseded' AND returned.period_end_on < own.period_end_on
),

sent AS (
    SELECT
        own.grant_id,
        own.board_id,
        NULL::DATE AS earlier_on,
        sender.sender_id,
        sender.file,
        sender.period_end_on,
        sender.forecast_sek
    FROM own
    INNER JOIN sender USING (grant_id, board_id)
    UNION ALL
    (
        SELECT
            earlier.grant_id,
            earlier.board_id,
            earlier.earlier_on,
            sender.sender_id,
            returned.file,
            returned.period_end_on,
            returned.forecast_sek
        FROM earlier
        INNER JOIN sender USING (grant_id, board_id)
        INNER JOIN returned
            ON
                sender.grant_id = returned.grant_id
                AND sender.sender_id = returned.sender_id
        WHERE returned.outcome IN ('candidate', 'superseded') AND returned.period_end_on <= earlier.earlier_on
        QUALIFY rank() OVER (
            PARTITION BY earlier.grant_id, earlier.earlier_on, sender.sender_id
            ORDER BY returned.period_end_on DESC, returned.version DESC
        ) = 1
    )
),

-- an earlier return that a blocking finding holds, or that can't be told from another, says nothing
stopped AS (
    SELECT file
    FROM finding
    WHERE severity = 'blocking'
),

stood AS (
    SELECT
        sent.grant_id,
        sent.board_id,
        sent.earlier_on,
        coalesce(
            min(CASE WHEN sent.period_end_on < coalesce(given_board.last_on, 'infinity') THEN sent.period_end_on END),
            max(sent.period_end_on)
        ) AS reached_on,
        list(sent.file ORDER BY sent.file) AS files,
        CASE WHEN count(sent.forecast_sek) = count(*) THEN sum(sent.forecast_sek) END::DECIMAL(18, 2) AS forecast_sek
    FROM sent
    INNER JOIN given_board ON sent.sender_id = given_board.board_id
    LEFT JOIN stopped USING (file)
    GROUP BY sent.grant_id, sent.board_id, sent.earlier_on
    HAVING count(*) = count(DISTINCT sent.sender_id) AND count(stopped.file) = 0
),

spent AS (
    SELECT
        sent.grant_id,
        sent.board_id,
        sent.earlier_on,
        judged.component_id,
        sum(judged.amount_sek) AS eligible_sek
    FROM sent
    INNER JOIN judged USING (grant_id, file)
    WHERE judged.reason IS NULL
    GROUP BY sent.grant_id, sent.board_id, sent.earlier_on, judged.component_id
),

part AS (
    SELECT
        stood.*,
        board_component.component_id,
        board_component.allocated_sek,
        coalesce(spent.eligible_sek, 0) AS eligible_sek
    FROM stood
    INNER JOIN board_component USING (grant_id, board_id)
    LEFT JOIN spent
        ON
            stood.grant_id = spent.grant_id
            AND stood.board_id = spent.board_id
            AND board_component.component_id = spent.component_id
            AND stood.earlier_on IS NOT DISTINCT FROM spent.earlier_on
),

reached AS (
    SELECT
        grant_id,
        board_id,
        component_id,
        earlier_on,
        any_value(reached_on) AS reached_on,
        any_value(files) AS files,
        sum(allocated_sek)::DECIMAL(18, 2) AS allocated_sek,
        sum(eligible_sek)::DECIMAL(18, 2) AS eligible_sek,
        CASE WHEN component_id IS NULL THEN any_value(forecast_sek) END::DECIMAL(18, 2) AS forecast_sek
    FROM part
    GROUP BY GROUPING SETS ((grant_id, board_id, earlier_on), (grant_id, board_id, component_id, earlier_on))
)

SELECT
    reached.*,
    greatest(0, least(reached.reached_on, given_grant.spend_to_on) - given_grant.spend_from_on + 1)::INTEGER
        AS elapsed_day_count,
    (given_grant.spend_to_on - given_grant.spend_from_on + 1)::INTEGER AS total_day_count
FROM reached
INNER JOIN given_grant USING (grant_id)
WHERE reached.component_id IS DISTINCT FROM 'alla' -- a grant without components is the board together already
