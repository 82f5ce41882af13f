-- One row per unit, voucher that its lines of a year state and that is in the accounts: which one it is there
-- (contract 8 ä).
-- The number is the same, and so is the series, unless it is left out. Of several that fit the same series goes
-- first, then the same sum, then the nearest year; where that leaves more than one it is none of them.
WITH stated AS (
    SELECT
        grant_id,
        board_id,
        series,
        number,
        year(worked_on) AS year_no,
        sum(amount_sek) AS amount_sek
    FROM claim
    WHERE number IS NOT NULL
    GROUP BY grant_id, board_id, series, number, year(worked_on)
),

booked AS (
    SELECT
        grant_id,
        board_id,
        series,
        number,
        year(booked_on) AS year_no,
        sum(amount_sek) AS amount_sek
    FROM booking
    WHERE is_of_grant AND NOT is_balance AND number IS NOT NULL
    GROUP BY grant_id, board_id, series, number, year(booked_on)
),

fitting AS (
    SELECT
        stated.grant_id,
        stated.board_id,
        stated.series,
        stated.number,
        stated.year_no,
        booked.series AS booked_series,
        booked.year_no AS booked_year_no,
        rank() OVER (
            PARTITION BY stated.grant_id, stated.board_id, stated.series, stated.number, stated.year_no
            ORDER BY
                stated.series IS DISTINCT FROM booked.series,
                stated.amount_sek <> booked.amount_sek,
                abs(coalesce(stated.year_no, booked.year_no) - booked.year_no)
        ) AS place
    FROM stated
    INNER JOIN booked USING (grant_id, board_id, number)
    WHERE is_series_of(stated.series, booked.series)
)

SELECT * EXCLUDE (place)
FROM fitting
WHERE place = 1
QUALIFY count(*) OVER (PARTITION BY grant_id, board_id, series, number, year_no) = 1
