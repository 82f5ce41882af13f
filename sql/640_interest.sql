-- One row per stretch of days with the same overdue balance and the same rate: the interest on what the city owes the
-- agency, where the grant's terms state one. It runs from the day after a claim's due date through the day of payment
-- (6 § räntelagen, or the rate of the term), on what is due less all that is paid and relieved, never on interest.
-- balance * percent / 100 * days / days per year, half up to the öre in each row: the one division of the ledger.
WITH settled AS (
    SELECT
        due_on + 1 AS from_on,
        amount_sek AS change_sek
    FROM entry
    WHERE board_id IS NULL AND kind = 'claim' AND due_on IS NOT NULL
    UNION ALL
    SELECT
        entered_on + 1 AS from_on,
        -amount_sek AS change_sek
    FROM entry
    WHERE board_id IS NULL AND kind IN ('payment', 'relief')
),

change AS (
    SELECT
        from_on,
        sum(change_sek) AS change_sek
    FROM settled
    GROUP BY from_on
    HAVING sum(change_sek) <> 0
),

turn AS (
    SELECT from_on FROM change
    UNION
    SELECT from_on FROM given_rate
    UNION
    SELECT to_on + 1 AS from_on FROM given_rate
),

stretch AS (
    SELECT
        turn.from_on,
        coalesce(lead(turn.from_on) OVER (ORDER BY turn.from_on) - 1, given_ledger.as_of_on) AS to_on
    FROM turn
    INNER JOIN given_ledger ON turn.from_on <= given_ledger.as_of_on
),

overdue AS (
    SELECT
        stretch.from_on,
        stretch.to_on,
        sum(change.change_sek)::DECIMAL(18, 2) AS balance_sek
    FROM stretch
    INNER JOIN change ON stretch.from_on >= change.from_on
    GROUP BY stretch.from_on, stretch.to_on
    HAVING sum(change.change_sek) > 0
),

rated AS (
    SELECT
        overdue.*,
        overdue.to_on - overdue.from_on + 1 AS day_count,
        given_interest.days_per_year,
        (given_rate.percent + given_interest.margin_percent)::DECIMAL(9, 4) AS rate_percent,
        given_rate.source
    FROM overdue
    CROSS JOIN given_interest
    LEFT JOIN given_rate ON overdue.from_on BETWEEN given_rate.from_on AND given_rate.to_on
)

SELECT
    from_on,
    to_on,
    day_count::INTEGER AS day_count,
    balance_sek,
    rate_percent,
    -- öre times ten-thousandths of a percent times days, over all of them in a krona's year
    (
        (
            (
                (balance_sek::DECIMAL(38, 2) * 100)::HUGEINT
                * (rate_percent::DECIMAL(38, 4) * 10000)::HUGEINT * day_count * 2
                + 1000000 * days_per_year
            )
            // (2000000 * days_per_year)::HUGEINT
        )::DECIMAL(18, 0) * 0.01
    )::DECIMAL(18, 2) AS amount_sek,
    source
FROM rated
