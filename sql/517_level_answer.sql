-- One row per grant, recipient on a higher level, question and year that has begun: how many of its parts were asked,
-- how many answered, how many said yes and no, or what their numbers come to. Shares as in 549 (contract 7).
WITH counted AS (
    SELECT
        answer.grant_id,
        part_of.upper_id,
        answer.asked_no,
        any_value(answer.question_id) AS question_id,
        any_value(answer.is_number) AS is_number,
        any_value(answer.from_on) AS from_on,
        any_value(answer.to_on) AS to_on,
        count(*)::INTEGER AS asked_count,
        count(coalesce(answer.number_count, answer.is_yes::BIGINT))::INTEGER AS answering_count,
        count(*) FILTER (WHERE answer.is_yes)::INTEGER AS yes_count,
        count(*) FILTER (WHERE NOT answer.is_yes)::INTEGER AS no_count,
        sum(answer.number_count)::BIGINT AS number_count
    FROM answer
    INNER JOIN part_of USING (grant_id, board_id)
    GROUP BY answer.grant_id, part_of.upper_id, answer.asked_no
)

SELECT
    counted.* REPLACE (
        CASE WHEN NOT counted.is_number THEN counted.yes_count END AS yes_count,
        CASE WHEN NOT counted.is_number THEN counted.no_count END AS no_count
    ),
    CASE
        WHEN NOT counted.is_number AND counted.answering_count > 0
            THEN whole_share_of(counted.yes_count, counted.answering_count, given_grant.is_percent_cut)
    END AS yes_whole_share,
    given_board.name,
    given_board.above_id,
    concat('niva-', counted.upper_id, '.fraga-', counted.asked_no) AS subject
FROM counted
INNER JOIN given_grant USING (grant_id)
INNER JOIN given_board ON counted.upper_id = given_board.board_id
