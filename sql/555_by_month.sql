-- One row per line and per booking of a month's salaries that come to the same: they are likely one another, though
-- line by line nothing can be found (contract 6). Lines whose voucher is in the accounts are left out, and so is it.
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
    WHERE claim.is_salary AND claim.worked_on IS NOT NULL
),

silent_booking AS (
    SELECT
        booking.*,
        given_separate_code.cost_kind_key
    FROM booking
    INNER JOIN given_separate_code
        ON
            booking.grant_id = given_separate_code.grant_id
            AND given_separate_code.kind = 'salary_account'
            AND starts_with(booking.account, given_separate_code.code)
    ANTI JOIN voucher
        ON
            booking.grant_id = voucher.grant_id
            AND booking.board_id = voucher.board_id
            AND booking.series IS NOT DISTINCT FROM voucher.booked_series
            AND booking.number = voucher.number
            AND year(booking.booked_on) = voucher.booked_year_no
    WHERE booking.is_of_grant AND NOT booking.is_balance
),

side AS (
    SELECT
        grant_id,
        board_id,
        date_trunc('month', worked_on)::DATE AS month_on,
        cost_kind_key,
        TRUE AS is_line,
        line_no AS no,
        amount_sek
    FROM silent_line
    UNION ALL
    SELECT DISTINCT
        grant_id,
        board_id,
        date_trunc('month', booked_on)::DATE AS month_on,
        cost_kind_key,
        FALSE AS is_line,
        booking_no AS no,
        amount_sek
    FROM silent_booking
)

SELECT
    grant_id,
    board_id,
    cost_kind_key || ' ' || month_on AS pair_key,
    is_line,
    no
FROM side
WINDOW in_month AS (PARTITION BY grant_id, board_id, month_on, cost_kind_key)
QUALIFY
    sum(CASE WHEN is_line THEN amount_sek ELSE -amount_sek END) OVER in_month = 0
    AND bool_or(is_line) OVER in_month
    AND bool_or(NOT is_line) OVER in_month
