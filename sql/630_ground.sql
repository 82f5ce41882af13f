-- One row per account, ground: what was computed on it, claimed on it (null: no claim has come) and relieved, so that
-- the grounds are told apart. No ground: set-off and rounding, and claims and relief that state none.
WITH part AS (
    SELECT
        board_id,
        ground,
        amount_sek AS computed_sek,
        NULL AS claimed_sek,
        0 AS relief_sek
    FROM owed
    UNION ALL
    SELECT
        board_id,
        ground,
        0 AS computed_sek,
        CASE kind WHEN 'claim' THEN amount_sek END AS claimed_sek,
        CASE kind WHEN 'relief' THEN amount_sek ELSE 0 END AS relief_sek
    FROM entry
    WHERE kind IN ('claim', 'relief')
)

SELECT
    board_id,
    ground,
    sum(computed_sek)::DECIMAL(18, 2) AS computed_sek,
    sum(claimed_sek)::DECIMAL(18, 2) AS claimed_sek,
    sum(relief_sek)::DECIMAL(18, 2) AS relief_sek
FROM part
GROUP BY board_id, ground
