-- One row per cost line of a unit that the accounts speak of: the voucher that it states, and whether it is salary.
WITH told AS (
    SELECT DISTINCT
        grant_id,
        board_id
    FROM booking
    WHERE board_id IS NOT NULL
),

salary AS (
    SELECT DISTINCT
        grant_id,
        cost_kind_key
    FROM given_separate_code
    WHERE kind = 'salary_account'
)

SELECT
    line.grant_id,
    line.board_id,
    row_number() OVER (PARTITION BY line.grant_id ORDER BY line.file, line.sheet, line.row_no) AS line_no,
    line.file,
    line.sheet,
    line.cell,
    line.voucher,
    voucher_series(line.voucher) AS series,
    voucher_number(line.voucher) AS number,
    line.worked_on,
    given_word.word_key AS cost_kind_key,
    salary.cost_kind_key IS NOT NULL AS is_salary,
    line.amount_sek
FROM line
INNER JOIN told USING (grant_id, board_id)
LEFT JOIN given_word ON line.cost_kind = given_word.words
LEFT JOIN salary
    ON
        line.grant_id = salary.grant_id
        AND given_word.word_key = salary.cost_kind_key
WHERE line.amount_sek IS NOT NULL
