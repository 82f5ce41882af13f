-- One row per grant: women, men and unknown among those reached. Shares with four decimals, of women and men.
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
)

SELECT
    *,
    CASE
        WHEN women_count + men_count > 0
            THEN
                ((women_count * 20000 + women_count + men_count) // (2 * (women_count + men_count)))::DECIMAL(18, 0)
                * 0.0001
    END::DECIMAL(9, 4) AS women_share,
    CASE
        WHEN women_count + men_count > 0
            THEN
                ((men_count * 20000 + women_count + men_count) // (2 * (women_count + men_count)))::DECIMAL(18, 0)
                * 0.0001
    END::DECIMAL(9, 4) AS men_share
FROM counted
