-- One row per grant, area: what was spent there, and whom the activities reached. Areas in the grant's order first.
-- What a filed report says isn't paid for has no area.
WITH spent AS (
    SELECT
        line.grant_id,
        coalesce(given_word.word_key, '') AS area_key,
        min(line.area) AS area,
        min(line.component_id) AS component_id,
        sum(line.amount_sek)::DECIMAL(18, 2) AS reported_sek,
        sum(CASE WHEN line.is_eligible THEN line.amount_sek ELSE 0 END)::DECIMAL(18, 2) AS eligible_sek,
        sum(CASE WHEN line.is_eligible THEN 0 ELSE line.amount_sek END)::DECIMAL(18, 2) AS ineligible_sek
    FROM line
    LEFT JOIN given_word ON line.area = given_word.words
    GROUP BY line.grant_id, coalesce(given_word.word_key, '')
),

reached AS (
    SELECT
        activity.grant_id,
        coalesce(given_word.word_key, '') AS area_key,
        min(activity.area) AS area,
        count(*)::INTEGER AS activity_count,
        sum(activity.women_count)::INTEGER AS women_count,
        sum(activity.men_count)::INTEGER AS men_count,
        sum(activity.unknown_count)::INTEGER AS unknown_count
    FROM activity
    LEFT JOIN given_word ON activity.area = given_word.words
    GROUP BY activity.grant_id, coalesce(given_word.word_key, '')
)

SELECT
    grant_id,
    coalesce(given_area.area, spent.area, reached.area, 'Inget område angivet') AS area,
    coalesce(given_area.component_id, spent.component_id) AS component_id,
    coalesce(given_area.position, 1000) AS position,
    coalesce(spent.reported_sek, 0)::DECIMAL(18, 2) AS reported_sek,
    coalesce(spent.eligible_sek, 0)::DECIMAL(18, 2) AS eligible_sek,
    coalesce(spent.ineligible_sek, 0)::DECIMAL(18, 2) AS ineligible_sek,
    coalesce(reached.activity_count, 0) AS activity_count,
    coalesce(reached.women_count, 0) AS women_count,
    coalesce(reached.men_count, 0) AS men_count,
    coalesce(reached.unknown_count, 0) AS unknown_count
FROM given_area
FULL OUTER JOIN spent USING (grant_id, area_key)
FULL OUTER JOIN reached USING (grant_id, area_key)
