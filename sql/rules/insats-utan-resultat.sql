-- Activities (insatser) with costs whose sender tells no result for them: the agency asks what came of the money.
-- A CSV return has no place for results, so nothing is asked of it; nor of one whose table of results is gone.
WITH told AS (
    SELECT
        activity.file,
        given_word.word_key
    FROM activity
    INNER JOIN given_word ON activity.activity = given_word.words
    WHERE activity.result IS NOT NULL
)

SELECT
    line.grant_id,
    line.board_id,
    line.file,
    line.sheet,
    list(line.activity_cell ORDER BY line.row_no) AS cells,
    arg_min(line.activity, line.row_no) AS seen
FROM line
INNER JOIN given_word ON line.activity = given_word.words
INNER JOIN sender
    ON
        line.grant_id = sender.grant_id
        AND line.file = sender.file
LEFT JOIN told
    ON
        line.file = told.file
        AND given_word.word_key = told.word_key
WHERE
    told.word_key IS NULL
    AND sender.kind = 'xlsx'
    AND NOT EXISTS (
        SELECT 1 FROM finding
        WHERE finding.rule_id = 'insatser-saknas' AND finding.file = line.file
    )
GROUP BY line.grant_id, line.board_id, line.file, line.sheet, given_word.word_key
