-- One row per cost line that nothing of the grant in the accounts answers to, booking with its voucher and its amount
-- that is another unit's or not the grant's: where that is booked, in words that may be told. Of another unit's
-- bookings no project is told.
SELECT
    claim.grant_id,
    claim.board_id,
    claim.line_no,
    booking.booking_no,
    CASE
        WHEN booking.board_id IS NULL THEN 'på ett ansvar som ingen nämnd har'
        WHEN booking.board_id <> claim.board_id THEN 'hos en annan nämnd'
        WHEN coalesce(booking.project, '') = '' THEN 'utan projekt'
        WHEN given_separate_code.code IS NULL THEN 'på projekt ' || booking.project
        ELSE 'på bidragets projekt, men inte på dess verksamhet och ansvar'
    END AS place
FROM member
INNER JOIN claim
    ON
        member.grant_id = claim.grant_id
        AND member.no = claim.line_no
INNER JOIN given_separate_accounts ON claim.grant_id = given_separate_accounts.grant_id
INNER JOIN booking
    ON
        claim.grant_id = booking.grant_id
        AND claim.number = booking.number
        AND claim.amount_sek = booking.amount_sek
        AND is_series_of(claim.series, booking.series)
        AND is_of_one_year(claim.worked_on, booking.booked_on, given_separate_accounts.most_days)
        AND (NOT booking.is_of_grant OR claim.board_id IS DISTINCT FROM booking.board_id)
LEFT JOIN given_separate_code
    ON
        booking.grant_id = given_separate_code.grant_id
        AND given_separate_code.kind = 'project'
        AND booking.project = given_separate_code.code
WHERE member.is_line AND member.how = 'only_return'
