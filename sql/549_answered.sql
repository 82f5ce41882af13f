-- One row per grant, question and year that has begun: how many units were asked and how many answered, how many of
-- them said yes and no, or what their numbers come to (contract 7). What nobody has answered with a number is unknown,
-- not 0. The share who say yes is of those who answered, in whole per cent, rounded as the grant's terms say.
WITH counted AS (
    SELECT
        given_question.grant_id,
        given_question.asked_no,
        count(answer.board_id)::INTEGER AS asked_count,
        count(coalesce(answer.number_count, answer.is_yes::BIGINT))::INTEGER AS answering_count,
        count(*) FILTER (WHERE answer.is_yes)::INTEGER AS yes_count,
        count(*) FILTER (WHERE NOT answer.is_yes)::INTEGER AS no_count,
        sum(answer.number_count)::BIGINT AS number_count
    FROM given_question
    LEFT JOIN answer USING (grant_id, asked_no)
    GROUP BY given_question.grant_id, given_question.asked_no
)

SELECT
    counted.grant_id,
    counted.asked_no,
    given_question.question_id,
    given_question.text,
    given_question.is_number,
    given_question.unit,
    given_question.year_no,
    given_question.from_on,
    given_question.to_on,
    counted.asked_count,
    counted.answering_count,
    CASE WHEN NOT given_question.is_number THEN counted.yes_count END AS yes_count,
    CASE WHEN NOT given_question.is_number THEN counted.no_count END AS no_count,
    CASE
        WHEN NOT given_question.is_number AND counted.answering_count > 0
            THEN whole_share_of(counted.yes_count, counted.answering_count, given_grant.is_percent_cut)
    END AS yes_whole_share,
    counted.number_count
FROM counted
INNER JOIN given_grant USING (grant_id)
INNER JOIN given_question USING (grant_id, asked_no)
