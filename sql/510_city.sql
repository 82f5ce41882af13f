-- One row per grant: the city as one recipient, on both bases (contract 4). namnd: what the boards owe, plus what was
-- never allocated. kommun: overspending in one board sets off underspending in another. Of years that have ended it
-- counts what lapsed of the city's sums; what was overspent is covered only by what was never allocated (contract 8 x).
-- Rounded half up to whole kronor once, here, for the one that is filed. Where the grant's amount is unknown, so is all
-- that rests on it: null. A grant without boards yet has its row too.
WITH summed AS (
    SELECT
        given_grant.grant_id,
        given_grant.total_sek,
        given_grant.liability_basis AS basis,
        sum(board.allocated_sek)::DECIMAL(18, 2) AS allocated_sek,
        coalesce(sum(board.reported_sek), 0)::DECIMAL(18, 2) AS reported_sek,
        coalesce(sum(board.eligible_sek), 0)::DECIMAL(18, 2) AS eligible_sek,
        coalesce(sum(board.ineligible_sek), 0)::DECIMAL(18, 2) AS ineligible_sek,
        CASE WHEN given_grant.total_sek IS NOT NULL THEN coalesce(sum(board.remaining_sek), 0) END::DECIMAL(18, 2)
            AS remaining_sek,
        CASE WHEN given_grant.total_sek IS NOT NULL THEN coalesce(sum(board.liability_sek), 0) END::DECIMAL(18, 2)
            AS boards_sek,
        CASE
            WHEN given_grant.total_sek IS NOT NULL
                THEN coalesce(sum(CASE WHEN board.return_status = 'held' THEN board.allocated_sek END), 0)
        END::DECIMAL(18, 2) AS undetermined_sek,
        count(board.board_id)::INTEGER AS board_count,
        count(*) FILTER (WHERE board.return_status = 'missing')::INTEGER AS missing_count,
        count(*) FILTER (WHERE board.return_status = 'held')::INTEGER AS held_count,
        count(*) FILTER (WHERE board.return_status = 'outdated')::INTEGER AS outdated_count
    FROM given_grant
    LEFT JOIN board USING (grant_id)
    GROUP BY given_grant.grant_id, given_grant.total_sek, given_grant.liability_basis
),

in_years AS (
    SELECT
        summed.*,
        summed.total_sek - summed.allocated_sek AS unallocated_sek,
        coalesce(ended.lapsed_sek, 0) AS lapsed_sek,
        coalesce(ended.overspent_sek, 0) AS overspent_sek,
        summed.allocated_sek - summed.undetermined_sek - summed.eligible_sek
        + coalesce(ended.more_left_sek, 0) AS left_sek
    FROM summed
    LEFT JOIN ended
        ON
            summed.grant_id = ended.grant_id
            AND ended.board_id IS NULL
),

based AS (
    SELECT
        * EXCLUDE (unallocated_sek, lapsed_sek, overspent_sek, left_sek),
        unallocated_sek::DECIMAL(18, 2) AS unallocated_sek,
        (unallocated_sek + boards_sek)::DECIMAL(18, 2) AS namnd_basis_sek,
        CASE
            WHEN total_sek IS NOT NULL
                THEN least(
                    total_sek,
                    lapsed_sek + greatest(0, left_sek)
                    + greatest(0, unallocated_sek - overspent_sek - greatest(0, -left_sek))
                )
        END::DECIMAL(18, 2) AS kommun_basis_sek
    FROM in_years
)

SELECT
    *,
    (namnd_basis_sek - kommun_basis_sek)::DECIMAL(18, 2) AS set_off_sek,
    -- an amount to repay is never negative, so away from zero is up
    round(CASE basis WHEN 'namnd' THEN namnd_basis_sek ELSE kommun_basis_sek END, 0)::DECIMAL(18, 2) AS to_repay_sek,
    -- what must be repaid if nothing more is sent in or put right
    (to_repay_sek + undetermined_sek)::DECIMAL(18, 2) AS at_risk_sek
FROM based
