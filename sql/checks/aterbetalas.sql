-- The city's repayment on both bases, what lies between them, and the one that is filed, half up to whole kronor
-- (contract 4): namnd = unallocated + boards = kommun + set_off.
SELECT
    city.grant_id,
    pair.figure,
    pair.expected,
    pair.found
FROM city
INNER JOIN given_grant USING (grant_id)
CROSS JOIN (
    VALUES
    ('namnd_basis_sek', city.unallocated_sek + city.boards_sek, city.namnd_basis_sek),
    ('namnd_basis_sek', city.kommun_basis_sek + city.set_off_sek, city.namnd_basis_sek),
    (
        'kommun_basis_sek',
        CASE
            WHEN city.eligible_sek + city.undetermined_sek < 0 THEN given_grant.total_sek
            WHEN city.eligible_sek + city.undetermined_sek > given_grant.total_sek THEN 0
            ELSE given_grant.total_sek - city.eligible_sek - city.undetermined_sek
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
