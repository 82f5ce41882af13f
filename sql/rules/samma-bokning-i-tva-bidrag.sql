-- A booking that agrees with a line under one grant, while a line with the same voucher and amount stands under another
-- too: the cost would be paid for twice (contract 8 ö). It is said in both.
WITH agreed AS (
    SELECT claim.*
    FROM claim
    SEMI JOIN member
        ON
            claim.grant_id = member.grant_id
            AND member.is_line
            AND member.how = 'agreed'
            AND claim.line_no = member.no
),

twice AS (
    SELECT
        agreed.grant_id,
        agreed.board_id,
        agreed.file,
        agreed.sheet,
        agreed.cell,
        agreed.voucher,
        agreed.amount_sek,
        line.grant_id AS other_grant,
        line.file AS other_file,
        line.sheet AS other_sheet,
        line.cell AS other_cell
    FROM agreed
    INNER JOIN given_separate_accounts ON agreed.grant_id = given_separate_accounts.grant_id
    INNER JOIN line
        ON
            agreed.grant_id <> line.grant_id
            AND agreed.board_id = line.board_id
            AND agreed.amount_sek = line.amount_sek
            AND agreed.number = voucher_number(line.voucher)
            AND coalesce(agreed.series = voucher_series(line.voucher), TRUE)
            AND is_of_one_year(agreed.worked_on, line.worked_on, given_separate_accounts.most_days)
    ANTI JOIN agreed AS elsewhere
        ON
            line.grant_id = elsewhere.grant_id
            AND line.file = elsewhere.file
            AND line.sheet = elsewhere.sheet
            AND line.cell = elsewhere.cell
)

SELECT
    grant_id,
    board_id,
    file,
    sheet,
    list(DISTINCT cell ORDER BY cell) AS cells,
    voucher AS seen,
    amount_sek,
    other_grant
FROM twice
GROUP BY grant_id, board_id, file, sheet, voucher, amount_sek, other_grant
UNION ALL
SELECT
    other_grant AS grant_id,
    board_id,
    other_file AS file,
    other_sheet AS sheet,
    list(DISTINCT other_cell ORDER BY other_cell) AS cells,
    voucher AS seen,
    amount_sek,
    grant_id AS other_grant
FROM twice
GROUP BY other_grant, board_id, other_file, other_sheet, voucher, amount_sek, grant_id
