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
    string_agg(DISTINCT elsewhere.place, ' och ' ORDER BY elsewhere.place) AS places
FROM member
INNER JOIN elsewhere
    ON
        member.grant_id = elsewhere.grant_id
        AND member.no = elsewhere.line_no
WHERE member.is_line
GROUP BY ALL
