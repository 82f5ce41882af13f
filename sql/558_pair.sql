-- One row per unit, pair of lines and bookings that belong together: both sums (contract 6). Of what agrees: the part
-- that is booked in a month in which none of its lines is, and the part that is booked after the period.
WITH months AS (
    SELECT
        grant_id,
        board_id,
        pair_no,
        list(DISTINCT date_trunc('month', day_on)::DATE) AS line_months
    FROM member
    WHERE is_line AND day_on IS NOT NULL
    GROUP BY grant_id, board_id, pair_no
)

SELECT
    member.grant_id,
    member.board_id,
    member.pair_no,
    any_value(member.how) AS how,
    coalesce(sum(member.amount_sek) FILTER (WHERE member.is_line), 0)::DECIMAL(18, 2) AS reported_sek,
    coalesce(sum(member.amount_sek) FILTER (WHERE NOT member.is_line), 0)::DECIMAL(18, 2) AS booked_sek,
    coalesce(
        sum(member.amount_sek) FILTER (
            WHERE NOT member.is_line
            AND member.how = 'agreed'
            AND NOT list_contains(months.line_months, date_trunc('month', member.day_on)::DATE)
        ),
        0
    )::DECIMAL(18, 2) AS other_period_sek,
    coalesce(
        sum(member.amount_sek) FILTER (WHERE NOT member.is_line AND member.how = 'agreed' AND member.is_late), 0
    )::DECIMAL(18, 2) AS after_period_sek
FROM member
LEFT JOIN months USING (grant_id, board_id, pair_no)
GROUP BY member.grant_id, member.board_id, member.pair_no
