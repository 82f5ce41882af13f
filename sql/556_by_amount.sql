-- One row per line and per booking that have the same amount, alone on both sides within so many days: they are likely
-- one another (contract 6). Lines whose voucher is in the accounts are left out, and its bookings too.
WITH silent_line AS (
    SELECT claim.*
    FROM claim
    ANTI JOIN voucher
        ON
            claim.grant_id = voucher.grant_id
            AND claim.board_id = voucher.board_id
            AND claim.series IS NOT DISTINCT FROM voucher.series
            AND claim.number = voucher.number
            AND year(claim.worked_on) IS NOT DISTINCT FROM voucher.year_no
    ANTI JOIN by_month
        ON
            claim.grant_id = by_month.grant_id
            AND by_month.is_line
            AND claim.line_no = by_month.no
),

silent_booking AS (
    SELECT booking.*
    FROM booking
    ANTI JOIN voucher
        ON
            booking.grant_id = voucher.grant_id
            AND booking.board_id = voucher.board_id
            AND booking.series IS NOT DISTINCT FROM voucher.booked_series
            AND booking.number = voucher.number
            AND year(booking.booked_on) = voucher.booked_year_no
    ANTI JOIN by_month
        ON
            booking.grant_id = by_month.grant_id
            AND NOT by_month.is_line
            AND booking.booking_no = by_month.no
    WHERE booking.is_of_grant AND NOT booking.is_balance
),

side AS (
    SELECT
        grant_id,
        board_id,
        amount_sek,
        TRUE AS is_line,
        line_no AS no,
        worked_on - DATE '1970-01-01' AS day_no
    FROM silent_line
    WHERE worked_on IS NOT NULL
    UNION ALL
    SELECT
        grant_id,
        board_id,
        amount_sek,
        FALSE AS is_line,
        booking_no AS no,
        booked_on - DATE '1970-01-01' AS day_no
    FROM silent_booking
),

-- Counted, not joined: of a common amount there may be thousands on both sides.
counted AS (
    SELECT
        side.*,
        count(*) FILTER (WHERE side.is_line) OVER near AS near_lines,
        count(*) FILTER (WHERE NOT side.is_line) OVER near AS near_bookings
    FROM side
    INNER JOIN given_separate_accounts USING (grant_id)
    WINDOW
        near AS (
            PARTITION BY side.grant_id, side.board_id, side.amount_sek
            ORDER BY side.day_no
            RANGE BETWEEN given_separate_accounts.most_days PRECEDING
            AND given_separate_accounts.most_days FOLLOWING
        )
),

alone AS (
    SELECT
        line.grant_id,
        line.board_id,
        line.no AS line_no,
        booking.no AS booking_no
    FROM counted AS line
    INNER JOIN counted AS booking USING (grant_id, board_id, amount_sek)
    INNER JOIN given_separate_accounts USING (grant_id)
    WHERE
        line.is_line
        AND NOT booking.is_line
        AND line.near_bookings = 1
        AND booking.near_lines = 1
        AND abs(booking.day_no - line.day_no) <= given_separate_accounts.most_days
)

SELECT
    grant_id,
    board_id,
    line_no || ' ' || booking_no AS pair_key,
    side.is_line,
    CASE WHEN side.is_line THEN line_no ELSE booking_no END AS no
FROM alone
CROSS JOIN (VALUES (TRUE), (FALSE)) AS side (is_line)
