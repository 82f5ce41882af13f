-- The city's repayment on both bases, what lies between them, and the one that is filed, half up to whole kronor
-- (contract 4): namnd = unallocated + boards = kommun + set_off. What was used by the units that count, what is not yet
-- determined and what is repaid for the city are together the whole, and what was overspent beside it in years that
-- have ended, as far as there was nothing unallocated to cover it (contract 8 x).
WITH whole AS (
    SELECT
        city.grant_id,
        coalesce(ended.lapsed_sek, 0) AS lapsed_sek,
        given_grant.total_sek - city.eligible_sek - city.undetermined_sek
        + CASE
            WHEN ended.overspent_sek > city.unallocated_sek THEN ended.overspent_sek - city.unallocated_sek
            ELSE 0
        END AS left_sek
    FROM city
    INNER JOIN given_grant USING (grant_id)
    LEFT JOIN ended
        ON
            city.grant_id = ended.grant_id
            AND ended.board_id IS NULL
)

SELECT
    city.grant_id,
    pair.figure,
    pair.expected,
    pair.found
FROM city
INNER JOIN given_grant USING (grant_id)
INNER JOIN whole USING (grant_id)
CROSS JOIN (
    VALUES
    ('namnd_basis_sek', city.unallocated_sek + city.boards_sek, city.namnd_basis_sek),
    ('namnd_basis_sek', city.kommun_basis_sek + city.set_off_sek, city.namnd_basis_sek),
    (
        'kommun_basis_sek',
        CASE
            WHEN whole.left_sek IS NOT NULL
                THEN least(given_grant.total_sek, greatest(whole.left_sek, whole.lapsed_sek))
        END,
        city.kommun_basis_sek
    ),
    (
        'to_repay_sek',
        floor(
            CASE given_grant.liability_basis
                WHEN 'namnd' THEN city.namnd_basis_sek
                WHEN 'kommun' THEN city.kommun_basis_sek
            END + 0.50
        ),
        city.to_repay_sek
    ),
    ('at_risk_sek', city.to_repay_sek + city.undetermined_sek, city.at_risk_sek)
) AS pair (figure, expected, found)
