-- The areas are together the city, in kronor and in people reached.
WITH summed AS (
    SELECT
        grant_id,
        sum(reported_sek) AS reported_sek,
        sum(eligible_sek) AS eligible_sek,
        sum(ineligible_sek) AS ineligible_sek,
        sum(women_count) AS women_count,
        sum(men_count) AS men_count,
        sum(unknown_count) AS unknown_count
    FROM area
    GROUP BY grant_id
)

SELECT
    city.grant_id,
    pair.figure,
    pair.expected,
    pair.found
FROM city
LEFT JOIN gender USING (grant_id)
LEFT JOIN summed USING (grant_id)
CROSS JOIN (
    VALUES
    ('reported_sek', city.reported_sek, summed.reported_sek),
    ('eligible_sek', city.eligible_sek, summed.eligible_sek),
    ('ineligible_sek', city.ineligible_sek, summed.ineligible_sek),
    ('women_count', gender.women_count, summed.women_count),
    ('men_count', gender.men_count, summed.men_count),
    ('unknown_count', gender.unknown_count, summed.unknown_count)
) AS pair (figure, expected, found)
