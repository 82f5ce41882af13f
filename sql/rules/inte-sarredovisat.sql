-- Cost lines whose voucher and amount are in the accounts, but on another project or at another board: they are not
-- kept apart as the grant's.
SELECT
    member.grant_id,
    member.board_id,
    member.file,
    member.sheet,
    [member.cell] AS cells,
    member.voucher AS seen,
    member.amount_sek,
    string_agg(DISTINCT booking.project, ', ' ORDER BY booking.project) AS projects,
    coalesce(string_agg(DISTINCT given_board.name, ', ' ORDER BY given_board.name), 'okänd nämnd') AS owners
FROM member
INNER JOIN claim
    ON
        member.grant_id = claim.grant_id
        AND member.no = claim.line_no
INNER JOIN booking
    ON
        claim.grant_id = booking.grant_id
        AND claim.number = booking.number
        AND claim.amount_sek = booking.amount_sek
        AND coalesce(claim.series = booking.series, TRUE)
        AND (NOT booking.is_of_grant OR claim.board_id IS DISTINCT FROM booking.board_id)
LEFT JOIN given_board ON booking.board_id = given_board.board_id
WHERE member.is_line AND member.how = 'only_return'
GROUP BY ALL
