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

near AS (
    SELECT
        silent_line.grant_id,
        silent_line.board_id,
        silent_line.line_no,
        silent_booking.booking_no
    FROM silent_line
    INNER JOIN silent_booking USING (grant_id, board_id, amount_sek)
    INNER JOIN given_separate_accounts USING (grant_id)
    WHERE abs(silent_booking.booked_on - silent_line.worked_on) <= given_separate_accounts.most_days
),

alone AS (
    SELECT *
    FROM near
    QUALIFY
        count(*) OVER (PARTITION BY grant_id, line_no) = 1
        AND count(*) OVER (PARTITION BY grant_id, booking_no) = 1
)

SELECT
    grant_id,
    board_id,
    line_no || ' ' || booking_no AS pair_key,
    side.is_line,
    CASE WHEN side.is_line THEN line_no ELSE booking_no END AS no
FROM alone
CROSS JOIN (VALUES (TRUE), (FALSE)) AS side (is_line)
