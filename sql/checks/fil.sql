-- A file that counts holds as many amounts, and the same sum, for a second reader as for the first.
WITH taken_in AS (
    SELECT
        reading_id,
        count(amount_sek) AS line_count,
        sum(amount_sek) AS amount_sek
    FROM raw_cell
    WHERE part = 'costs' AND column_name = 'amount_sek'
    GROUP BY reading_id
)

SELECT
    manifest.grant_id,
    manifest.board_id,
    manifest.name AS file,
    pair.figure,
    pair.expected,
    pair.found
FROM manifest
INNER JOIN given_file ON manifest.name = given_file.file
LEFT JOIN taken_in USING (reading_id)
LEFT JOIN given_recount AS recounted ON manifest.name = recounted.file
CROSS JOIN (
    VALUES
    ('line_count', recounted.line_count, coalesce(taken_in.line_count, 0)),
    ('reported_sek', recounted.amount_sek, coalesce(taken_in.amount_sek, 0))
) AS pair (figure, expected, found)
WHERE manifest.outcome = 'counted'
