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
ANTI JOIN elsewhere
    ON
        member.grant_id = elsewhere.grant_id
        AND member.no = elsewhere.line_no
WHERE member.is_line AND member.how = 'only_return'
GROUP BY member.grant_id, member.board_id, member.file, member.sheet
