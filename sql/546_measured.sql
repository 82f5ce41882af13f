-- One row per grant, row that boards are asked to count, unit: what its returns that count say together. Board null:
-- all units together, and how many of them said anything (contract 7). What nobody has counted is unknown, not 0. A
-- share of nobody is unknown too.
WITH unit AS (
    SELECT
        standing.grant_id,
        standing.board_id,
        given_measure.asked_no,
        sum(counted.people_count)::BIGINT AS people_count,
        sum(counted.agree_count)::BIGINT AS agree_count,
        sum(counted.answered_count)::BIGINT AS answered_count,
        sum(counted.asked_count)::BIGINT AS asked_count
    FROM standing
    INNER JOIN given_measure USING (grant_id)
    LEFT JOIN counted USING (grant_id, board_id, asked_no)
    GROUP BY standing.grant_id, standing.board_id, given_measure.asked_no
),

everyone AS (
    SELECT
        *,
        NULL::INTEGER AS counting_count,
        NULL::INTEGER AS board_count
    FROM unit
    UNION ALL BY NAME
    SELECT
        given_measure.grant_id,
        given_measure.asked_no,
        sum(unit.people_count)::BIGINT AS people_count,
        sum(unit.agree_count)::BIGINT AS agree_count,
        sum(unit.answered_count)::BIGINT AS answered_count,
        sum(unit.asked_count)::BIGINT AS asked_count,
        count(coalesce(unit.people_count, unit.answered_count))::INTEGER AS counting_count,
        count(unit.board_id)::INTEGER AS board_count
    FROM given_measure
    LEFT JOIN unit USING (grant_id, asked_no)
    GROUP BY given_measure.grant_id, given_measure.asked_no
)

SELECT
    everyone.grant_id,
    everyone.board_id,
    everyone.asked_no,
    concat_ws('.', everyone.board_id, 'matt-' || everyone.asked_no) AS subject,
    given_measure.measure_id,
    given_measure.name,
    given_measure.is_rating,
    given_measure.year_no,
    given_measure.from_on,
    given_measure.to_on,
    given_measure.split_no,
    given_measure.split,
    given_measure.part_no,
    given_measure.part,
    given_measure.is_by_sex,
    everyone.people_count,
    everyone.agree_count,
    everyone.answered_count,
    everyone.asked_count,
    CASE WHEN everyone.answered_count > 0 THEN share_of(everyone.agree_count, everyone.answered_count) END
        AS agree_share,
    CASE WHEN everyone.asked_count > 0 THEN share_of(everyone.answered_count, everyone.asked_count) END
        AS answered_share,
    everyone.counting_count,
    everyone.board_count
FROM everyone
INNER JOIN given_measure USING (grant_id, asked_no)
