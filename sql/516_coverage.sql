-- One row per grant, recipient on a higher level, area, target area that anything was done in: how many activities, and
-- how many of its parts did them. Area null: all areas together; target area null: all of those.
WITH named AS (
    SELECT
        activity.grant_id,
        part_of.upper_id,
        activity.board_id,
        given_area.position,
        given_target_area.position AS target_position,
        coalesce(given_area.area, 'Inget känt område') AS area,
        coalesce(given_target_area.target_area, 'Inget känt målområde') AS target_area
    FROM activity
    INNER JOIN part_of USING (grant_id, board_id)
    LEFT JOIN given_word AS area_word ON activity.area = area_word.words
    LEFT JOIN given_area
        ON
            activity.grant_id = given_area.grant_id
            AND area_word.word_key = given_area.area_key
    LEFT JOIN given_word AS target_word ON activity.target_area = target_word.words
    LEFT JOIN given_target_area
        ON
            activity.grant_id = given_target_area.grant_id
            AND target_word.word_key = given_target_area.target_area_key
),

summed AS (
    SELECT
        grant_id,
        upper_id,
        area,
        target_area,
        coalesce(any_value(position), 1000) AS position,
        coalesce(any_value(target_position), 1000) AS target_position,
        count(DISTINCT board_id)::INTEGER AS working_count,
        count(*)::INTEGER AS activity_count
    FROM named
    GROUP BY
        GROUPING SETS (
            (grant_id, upper_id),
            (grant_id, upper_id, area),
            (grant_id, upper_id, target_area),
            (grant_id, upper_id, area, target_area)
        )
)

SELECT
    summed.* REPLACE (
        CASE WHEN summed.area IS NULL THEN -1 ELSE summed.position END AS position,
        CASE WHEN summed.target_area IS NULL THEN -1 ELSE summed.target_position END AS target_position
    ),
    given_board.name
FROM summed
INNER JOIN given_board ON summed.upper_id = given_board.board_id
