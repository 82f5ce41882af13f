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
    unnest([
        'reported_sek', 'eligible_sek', 'ineligible_sek', 'women_count', 'men_count', 'unknown_count'
    ]) AS figure,
    unnest([
        city.reported_sek,
        city.eligible_sek,
        city.ineligible_sek,
        gender.women_count::DECIMAL(18, 2),
        gender.men_count::DECIMAL(18, 2),
        gender.unknown_count::DECIMAL(18, 2)
    ]) AS expected,
    unnest([
        summed.reported_sek,
        summed.eligible_sek,
        summed.ineligible_sek,
        summed.women_count::DECIMAL(18, 2),
        summed.men_count::DECIMAL(18, 2),
        summed.unknown_count::DECIMAL(18, 2)
    ]) AS found
FROM city
LEFT JOIN gender USING (grant_id)
LEFT JOIN summed USING (grant_id)
