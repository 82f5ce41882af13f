-- Cost lines that nothing in the accounts answers to, but for those that are booked on another project or by another
-- board: of them there is a word of its own.
SELECT
    member.grant_id,
    member.board_id,
    member.file,
    member.sheet,
    list(member.cell ORDER BY member.no) AS cells,
    sum(member.amount_sek)::DECIMAL(18, 2) AS amount_sek
FROM member
INNER JOIN claim
    ON
        member.grant_id = claim.grant_id
        AND member.no = claim.line_no
ANTI JOIN booking
    ON
        claim.grant_id = booking.grant_id
        AND claim.number = booking.number
        AND claim.amount_sek = booking.amount_sek
        AND coalesce(claim.series = booking.series, TRUE)
        AND (NOT booking.is_of_grant OR claim.board_id IS DISTINCT FROM booking.board_id)
WHERE member.is_line AND member.how = 'only_return'
GROUP BY member.grant_id, member.board_id, member.file, member.sheet
