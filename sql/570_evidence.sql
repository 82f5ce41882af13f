-- One row per grant with extracts of the accounts, unit that has an allocation or a return: what it reports, what is
-- booked on the grant's project, and how the two meet (contract 6). Nothing is known of a unit that is held, nor of one
-- that the accounts don't speak of.
WITH told AS (
    SELECT DISTINCT
        grant_id,
        board_id
    FROM booking
    WHERE board_id IS NOT NULL
),

reported AS (
    SELECT
        grant_id,
        board_id,
        sum(amount_sek) AS reported_sek
    FROM line
    GROUP BY grant_id, board_id
),

booked AS (
    SELECT
        booking.grant_id,
        booking.board_id,
        sum(booking.amount_sek) AS booked_sek
    FROM booking
    LEFT JOIN member
        ON
            booking.grant_id = member.grant_id
            AND NOT member.is_line
            AND booking.booking_no = member.no
    WHERE booking.is_of_grant AND (NOT booking.is_late OR member.no IS NOT NULL)
    GROUP BY booking.grant_id, booking.board_id
),

met AS (
    SELECT
        grant_id,
        board_id,
        sum(reported_sek) FILTER (WHERE how = 'only_return') AS only_return_sek,
        sum(booked_sek) FILTER (WHERE how = 'only_booked') AS only_booked_sek,
        sum(reported_sek - booked_sek) FILTER (WHERE how = 'other_amount') AS other_amount_sek,
        sum(reported_sek) FILTER (WHERE how = 'agreed') AS agreed_sek,
        sum(reported_sek) FILTER (WHERE how = 'likely') AS likely_sek,
        sum(other_period_sek) AS other_period_sek,
        sum(after_period_sek) AS after_period_sek
    FROM pair
    GROUP BY grant_id, board_id
),

-- What is reported for the time before the first decision that gives the unit, or what became it, anything: the first
-- that is asked of a grant that may not pay for what there was already.
decided AS (
    SELECT
        given_decision.grant_id,
        accountable.board_id,
        min(given_decision.decided_on) AS decided_on
    FROM given_decision
    INNER JOIN given_grant USING (grant_id)
    INNER JOIN accountable
        ON
            given_decision.grant_id = accountable.grant_id
            AND given_decision.board_id = accountable.sender_id
    WHERE given_decision.decided_on <= given_grant.as_of_on
    GROUP BY given_decision.grant_id, accountable.board_id
),

early AS (
    SELECT
        line.grant_id,
        line.board_id,
        sum(line.amount_sek) AS before_decision_sek
    FROM line
    INNER JOIN decided USING (grant_id, board_id)
    WHERE line.worked_on < decided.decided_on
    GROUP BY line.grant_id, line.board_id
),

summed AS (
    SELECT
        standing.grant_id,
        standing.board_id,
        standing.name,
        told.board_id IS NOT NULL AS is_told,
        standing.is_held,
        told.board_id IS NOT NULL AND NOT standing.is_held AS is_known,
        coalesce(reported.reported_sek, 0)::DECIMAL(18, 2) AS reported_sek,
        coalesce(booked.booked_sek, 0)::DECIMAL(18, 2) AS booked_sek,
        coalesce(met.only_return_sek, 0)::DECIMAL(18, 2) AS only_return_sek,
        coalesce(met.only_booked_sek, 0)::DECIMAL(18, 2) AS only_booked_sek,
        coalesce(met.other_amount_sek, 0)::DECIMAL(18, 2) AS other_amount_sek,
        coalesce(met.agreed_sek, 0)::DECIMAL(18, 2) AS agreed_sek,
        coalesce(met.likely_sek, 0)::DECIMAL(18, 2) AS likely_sek,
        coalesce(met.other_period_sek, 0)::DECIMAL(18, 2) AS other_period_sek,
        coalesce(met.after_period_sek, 0)::DECIMAL(18, 2) AS after_period_sek,
        coalesce(early.before_decision_sek, 0)::DECIMAL(18, 2) AS before_decision_sek,
        decided.decided_on
    FROM standing
    SEMI JOIN booking ON standing.grant_id = booking.grant_id
    LEFT JOIN told USING (grant_id, board_id)
    LEFT JOIN reported USING (grant_id, board_id)
    LEFT JOIN booked USING (grant_id, board_id)
    LEFT JOIN met USING (grant_id, board_id)
    LEFT JOIN decided USING (grant_id, board_id)
    LEFT JOIN early USING (grant_id, board_id)
)

SELECT
    grant_id,
    board_id,
    name,
    is_told,
    is_held,
    CASE WHEN NOT is_held THEN reported_sek END AS reported_sek,
    CASE WHEN is_known THEN booked_sek END AS booked_sek,
    CASE WHEN is_known THEN (reported_sek - booked_sek)::DECIMAL(18, 2) END AS difference_sek,
    CASE WHEN is_known THEN only_return_sek END AS only_return_sek,
    CASE WHEN is_known THEN only_booked_sek END AS only_booked_sek,
    CASE WHEN is_known THEN other_amount_sek END AS other_amount_sek,
    CASE WHEN is_known THEN agreed_sek END AS agreed_sek,
    CASE WHEN is_known THEN likely_sek END AS likely_sek,
    CASE WHEN is_known AND reported_sek > 0 THEN share_of(agreed_sek, reported_sek) END AS agreed_share,
    CASE WHEN is_known AND reported_sek > 0 THEN share_of(likely_sek, reported_sek) END AS likely_share,
    CASE WHEN is_known THEN other_period_sek END AS other_period_sek,
    CASE WHEN is_known THEN after_period_sek END AS after_period_sek,
    CASE WHEN NOT is_held THEN before_decision_sek END AS before_decision_sek,
    decided_on
FROM summed
