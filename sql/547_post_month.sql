-- One row per grant that says how many posts each board is to have, unit that a return counts of, month of the spending
-- period as far as its returns reach: how many days at how many percent of full time were filled, and how many were to
-- be (contract 7). A month is vacant when fewer were filled; nothing is divided to say so.
WITH reached AS (
    SELECT
        sender.grant_id,
        sender.board_id,
        given_posts.least_count,
        given_grant.spend_from_on,
        least(max(sender.period_end_on), given_grant.period_end_on) AS reached_on
    FROM sender
    INNER JOIN standing USING (grant_id, board_id)
    INNER JOIN given_grant USING (grant_id)
    INNER JOIN given_posts USING (grant_id)
    WHERE NOT standing.is_held
    GROUP BY
        sender.grant_id, sender.board_id, given_posts.least_count, given_grant.spend_from_on,
        given_grant.period_end_on
),

dated AS (
    SELECT
        grant_id,
        board_id,
        least_count,
        spend_from_on,
        reached_on,
        unnest(
            generate_series(date_trunc('month', spend_from_on)::TIMESTAMP, reached_on::TIMESTAMP, INTERVAL 1 MONTH)
        )::DATE AS month_on
    FROM reached
),

spanned AS (
    SELECT
        grant_id,
        board_id,
        least_count,
        month_on,
        greatest(month_on, spend_from_on) AS from_on,
        least(last_day(month_on), reached_on) AS to_on,
        day(last_day(month_on))::INTEGER AS month_day_count
    FROM dated
),

filled AS (
    SELECT
        spanned.grant_id,
        spanned.board_id,
        spanned.month_on,
        sum(post.full_time_percent * (least(post.to_on, spanned.to_on) - greatest(post.from_on, spanned.from_on) + 1))
            AS percent_days
    FROM spanned
    INNER JOIN post
        ON
            spanned.grant_id = post.grant_id
            AND spanned.board_id = post.board_id
            AND spanned.to_on >= post.from_on
            AND spanned.from_on <= post.to_on
    GROUP BY spanned.grant_id, spanned.board_id, spanned.month_on
)

SELECT
    spanned.grant_id,
    spanned.board_id,
    spanned.month_on,
    spanned.month_day_count,
    coalesce(filled.percent_days, 0)::DECIMAL(18, 2) AS filled_percent_days,
    (spanned.least_count * 100 * (spanned.to_on - spanned.from_on + 1))::DECIMAL(18, 2) AS wanted_percent_days,
    filled_percent_days < wanted_percent_days AS is_vacant
FROM spanned
LEFT JOIN filled USING (grant_id, board_id, month_on)
