-- One row per grant, board: the reconciliation as contract 3 has it: status, money, forecast and flag.
-- used_share is E / A with four decimals, half up: the one division in the house, and no liability rests on it.
WITH warned AS (
    SELECT DISTINCT
        finding.grant_id,
        sender.board_id
    FROM finding
    INNER JOIN sender USING (grant_id, board_id)
    WHERE finding.severity = 'warning' AND (finding.file IS NULL OR finding.file = sender.file)
),

known AS (
    SELECT
        board_money.*,
        forecast.forecast_sek,
        forecast.projected_unspent_sek,
        standing.is_held,
        given_grant.is_final,
        given_grant.spend_to_on - given_grant.as_of_on AS days_left,
        given_grant.act_unspent_share,
        given_grant.act_unspent_sek,
        given_grant.act_days_left,
        given_grant.act_used_numerator,
        given_grant.act_used_denominator,
        given_grant.watch_unspent_share,
        CASE
            WHEN standing.is_missing THEN 'missing'
            WHEN standing.is_held THEN 'held'
            WHEN standing.is_outdated THEN 'outdated'
            WHEN warned.board_id IS NOT NULL THEN 'accepted_with_warnings'
            ELSE 'accepted'
        END AS return_status
    FROM board_money
    INNER JOIN standing USING (grant_id, board_id)
    INNER JOIN given_grant USING (grant_id)
    LEFT JOIN forecast USING (grant_id, board_id)
    LEFT JOIN warned USING (grant_id, board_id)
)

SELECT
    grant_id,
    board_id,
    name,
    return_status,
    allocated_sek,
    reported_sek,
    eligible_sek,
    ineligible_sek,
    remaining_sek,
    overspent_sek,
    CASE
        WHEN allocated_sek > 0 AND eligible_sek IS NOT NULL
            THEN share_of(eligible_sek, allocated_sek)
    END AS used_share,
    liability_sek,
    not_used_sek,
    wrong_purpose_sek,
    no_report_sek,
    forecast_sek,
    projected_unspent_sek,
    CASE
        WHEN is_final OR is_held OR allocated_sek IS NULL THEN NULL
        WHEN projected_unspent_sek >= act_unspent_sek THEN 'act'
        -- a share of nothing says nothing
        WHEN allocated_sek > 0 AND projected_unspent_sek >= act_unspent_share * allocated_sek THEN 'act'
        WHEN
            allocated_sek > 0
            AND days_left < act_days_left
            AND eligible_sek * act_used_denominator < allocated_sek * act_used_numerator
            THEN 'act'
        WHEN allocated_sek > 0 AND projected_unspent_sek >= watch_unspent_share * allocated_sek THEN 'watch'
        WHEN forecast_sek IS NULL THEN 'watch'
        ELSE 'ok'
    END AS flag
FROM known
