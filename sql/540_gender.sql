-- One row per grant: women, men and unknown among those reached, and their shares of all, four decimals, half up.
WITH counted AS (
    SELECT
        given_grant.grant_id,
        coalesce(sum(activity.women_count), 0)::BIGINT AS women_count,
        coalesce(sum(activity.men_count), 0)::BIGINT AS men_count,
        coalesce(sum(activity.unknown_count), 0)::BIGINT AS unknown_count,
        count(activity.file)::INTEGER AS activity_count,
        count_if(
            activity.file IS NOT NULL
            AND activity.women_count IS NULL AND activity.men_count IS NULL AND activity.unknown_count IS NULL
        )::INTEGER AS uncounted_activity_count
    FROM given_grant
    LEFT JOIN activity USING (grant_id)
    GROUP BY given_grant.grant_id
),

summed AS (
    SELECT
        *,
        women_count + men_count + unknown_count AS people_count
    FROM counted
)

SELECT
    *,
    CASE
        WHEN people_count > 0 THEN ((women_count * 20000 + people_count) // (2 * people_count))::DECIMAL(18, 0) * 0.0001
    END::DECIMAL(9, 4) AS women_share,
    CASE
        WHEN people_count > 0 THEN ((men_count * 20000 + people_count) // (2 * people_count))::DECIMAL(18, 0) * 0.0001
    END::DECIMAL(9, 4) AS men_share,
    CASE
        WHEN people_count > 0
            THEN ((unknown_count * 20000 + people_count) // (2 * people_count))::DECIMAL(18, 0) * 0.0001
    END::DECIMAL(9, 4) AS unknown_share
FROM summed
