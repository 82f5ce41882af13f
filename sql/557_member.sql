-- One row per cost line, and per booking of the grant, of a unit that the accounts speak of: the pair that it is in
-- (contract 6). What an account holds is compared with all lines, as sums. What is in no pair with the other side is
-- one by itself; a booking after the period counts only in a pair with a line. Nothing is said of a unit that is held.
WITH balance AS (
    SELECT
        grant_id,
        board_id,
        TRUE AS is_line,
        line_no AS no,
        amount_sek
    FROM claim
    SEMI JOIN booking
        ON
            claim.grant_id = booking.grant_id
            AND claim.board_id = booking.board_id
            AND booking.is_of_grant
            AND booking.is_balance
    UNION ALL
    SELECT
        grant_id,
        board_id,
        FALSE AS is_line,
        booking_no AS no,
        amount_sek
    FROM booking
    WHERE is_of_grant AND is_balance AND NOT is_late
),

by_balance AS (
    SELECT
        grant_id,
        board_id,
        is_line,
        no
    FROM balance
    WINDOW whole AS (PARTITION BY grant_id, board_id)
    QUALIFY
        sum(CASE WHEN is_line THEN amount_sek ELSE -amount_sek END) OVER whole = 0
        AND bool_or(is_line) OVER whole
        AND bool_or(NOT is_line) OVER whole
),

found AS (
    SELECT * REPLACE ('voucher ' || pair_key AS pair_key)
    FROM by_voucher
    UNION ALL BY NAME
    SELECT
        * REPLACE ('month ' || pair_key AS pair_key),
        'likely' AS how
    FROM by_month
    UNION ALL BY NAME
    SELECT
        * REPLACE ('amount ' || pair_key AS pair_key),
        'likely' AS how
    FROM by_amount
    UNION ALL BY NAME
    SELECT
        *,
        'balance' AS pair_key,
        'likely' AS how
    FROM by_balance
),

member AS (
    SELECT
        claim.grant_id,
        claim.board_id,
        coalesce(found.pair_key, 'line ' || claim.line_no) AS pair_key,
        coalesce(found.how, 'only_return') AS how,
        TRUE AS is_line,
        claim.line_no AS no,
        claim.file,
        claim.sheet,
        claim.cell,
        claim.voucher,
        claim.worked_on AS day_on,
        NULL AS account,
        claim.amount_sek,
        FALSE AS is_late
    FROM claim
    LEFT JOIN found
        ON
            claim.grant_id = found.grant_id
            AND found.is_line
            AND claim.line_no = found.no
    UNION ALL
    SELECT
        booking.grant_id,
        booking.board_id,
        coalesce(found.pair_key, 'booking ' || booking.booking_no) AS pair_key,
        coalesce(found.how, 'only_booked') AS how,
        FALSE AS is_line,
        booking.booking_no AS no,
        booking.file,
        booking.sheet,
        booking.place AS cell,
        booking.voucher,
        booking.booked_on AS day_on,
        booking.account,
        booking.amount_sek,
        booking.is_late
    FROM booking
    INNER JOIN standing
        ON
            booking.grant_id = standing.grant_id
            AND booking.board_id = standing.board_id
            AND NOT standing.is_held
    LEFT JOIN found
        ON
            booking.grant_id = found.grant_id
            AND NOT found.is_line
            AND booking.booking_no = found.no
    WHERE
        booking.is_of_grant
        AND (NOT booking.is_late OR found.pair_key IS NOT NULL)
),

placed AS (
    SELECT
        *,
        min(CASE WHEN is_line THEN no END) OVER pair AS first_line_no,
        min(CASE WHEN NOT is_line THEN no END) OVER pair AS first_booking_no
    FROM member
    WINDOW pair AS (PARTITION BY grant_id, board_id, pair_key)
)

SELECT
    grant_id,
    board_id,
    dense_rank() OVER (
        PARTITION BY grant_id, board_id ORDER BY first_line_no NULLS LAST, first_booking_no
    ) AS pair_no,
    how,
    is_line,
    no,
    file,
    sheet,
    cell,
    voucher,
    day_on,
    account,
    amount_sek,
    is_late
FROM placed
