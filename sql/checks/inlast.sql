-- What was taken in of a file that counts is its lines, neither more nor less; no line is of any other file.
WITH counted AS (
    SELECT
        manifest.grant_id,
        manifest.board_id,
        manifest.name AS file,
        count(raw_cell.amount_sek) AS line_count,
        sum(raw_cell.amount_sek) AS amount_sek
    FROM manifest
    INNER JOIN given_file ON manifest.name = given_file.file
    INNER JOIN raw_cell
        ON
            given_file.reading_id = raw_cell.reading_id
            AND raw_cell.part = 'costs'
            AND raw_cell.column_name = 'amount_sek'
    WHERE manifest.outcome = 'counted'
    GROUP BY manifest.grant_id, manifest.board_id, manifest.name
),

lined AS (
    SELECT
        grant_id,
        board_id,
        file,
        count(amount_sek) AS line_count,
        sum(amount_sek) AS amount_sek
    FROM line
    GROUP BY grant_id, board_id, file
)

SELECT
    grant_id,
    board_id,
    file,
    pair.figure,
    pair.expected,
    pair.found
FROM counted
FULL OUTER JOIN lined USING (grant_id, board_id, file)
CROSS JOIN (
    VALUES
    ('line_count', coalesce(counted.line_count, 0), coalesce(lined.line_count, 0)),
    ('reported_sek', coalesce(counted.amount_sek, 0), coalesce(lined.amount_sek, 0))
) AS pair (figure, expected, found)
