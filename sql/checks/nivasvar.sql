-- What those on a higher level have answered is what its nearest parts have, whatever level they are on: the identity
-- of the answers, reached from one step up.
WITH nearest AS (
    SELECT
        answer.grant_id,
        given_board.above_id AS upper_id,
        answer.asked_no,
        1 AS asked_count,
        CASE WHEN coalesce(answer.number_count, answer.is_yes::BIGINT) IS NULL THEN 0 ELSE 1 END AS answering_count,
        CASE WHEN answer.is_number THEN NULL WHEN answer.is_yes THEN 1 ELSE 0 END AS yes_count,
        answer.number_count
    FROM answer
    INNER JOIN given_board USING (board_id)
    UNION ALL BY NAME
    SELECT
        grant_id,
        above_id AS upper_id,
        asked_no,
        asked_count,
        answering_count,
        yes_count,
        number_count
    FROM level_answer
),

from_parts AS (
    SELECT
        grant_id,
        upper_id,
        asked_no,
        sum(asked_count) AS asked_count,
        sum(answering_count) AS answering_count,
        sum(yes_count) AS yes_count,
        sum(number_count) AS number_count
    FROM nearest
    WHERE upper_id IS NOT NULL
    GROUP BY grant_id, upper_id, asked_no
)

SELECT
    grant_id,
    upper_id AS board_id,
    pair.figure,
    pair.expected,
    pair.found
FROM from_parts
FULL OUTER JOIN level_answer USING (grant_id, upper_id, asked_no)
CROSS JOIN (
    VALUES
    ('asked_count', from_parts.asked_count, level_answer.asked_count),
    ('answering_count', from_parts.answering_count, level_answer.answering_count),
    ('yes_count', from_parts.yes_count, level_answer.yes_count),
    ('number_count', from_parts.number_count, level_answer.number_count)
) AS pair (figure, expected, found)
