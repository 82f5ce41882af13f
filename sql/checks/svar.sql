-- All units were asked. Of them those who answered are those who are not silent, and those of yes or no said one of
-- the two; the numbers are together their sum (contract 7).
WITH units AS (
    SELECT
        grant_id,
        count(*) AS board_count
    FROM board
    GROUP BY grant_id
),

silent AS (
    SELECT
        grant_id,
        asked_no,
        count(*) AS silent_count
    FROM answer
    WHERE is_yes IS NULL AND number_count IS NULL
    GROUP BY grant_id, asked_no
),

numbers AS (
    SELECT
        grant_id,
        asked_no,
        sum(number_count) AS number_count
    FROM answer
    WHERE is_number
    GROUP BY grant_id, asked_no
)

SELECT
    given_question.grant_id,
    pair.figure,
    pair.expected,
    pair.found
FROM given_question
LEFT JOIN answered USING (grant_id, asked_no)
LEFT JOIN units USING (grant_id)
LEFT JOIN silent USING (grant_id, asked_no)
LEFT JOIN numbers USING (grant_id, asked_no)
CROSS JOIN (
    VALUES
    ('asked_count', coalesce(units.board_count, 0), answered.asked_count),
    ('answering_count', coalesce(units.board_count, 0) - coalesce(silent.silent_count, 0), answered.answering_count),
    ('yes_count', answered.answering_count - answered.no_count, answered.yes_count),
    ('number_count', numbers.number_count, answered.number_count)
) AS pair (figure, expected, found)
