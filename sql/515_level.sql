-- One row per grant, recipient on a higher level, level of those who are its parts; level null: all its parts. What
-- they have been given and used, and how many have answered: with a return that counts, or that waits to be put right.
-- The share who have answered is in whole per cent, as the terms round it. used_share is of what those were given whose
-- returns are not held. A missing return is all to be repaid (contract 4).
WITH unit AS (
    SELECT
        part_of.grant_id,
        part_of.upper_id,
        given_board.level_id,
        board.* EXCLUDE (grant_id)
    FROM part_of
    INNER JOIN board USING (grant_id, board_id)
    INNER JOIN given_board USING (board_id)
),

summed AS (
    SELECT
        grant_id,
        upper_id,
        level_id,
        sum(allocated_sek)::DECIMAL(18, 2) AS allocated_sek,
        coalesce(sum(reported_sek), 0)::DECIMAL(18, 2) AS reported_sek,
        coalesce(sum(eligible_sek), 0)::DECIMAL(18, 2) AS eligible_sek,
        coalesce(sum(ineligible_sek), 0)::DECIMAL(18, 2) AS ineligible_sek,
        coalesce(sum(overspent_sek), 0)::DECIMAL(18, 2) AS overspent_sek,
        coalesce(sum(liability_sek), 0)::DECIMAL(18, 2) AS liability_sek,
        coalesce(sum(allocated_sek) FILTER (WHERE return_status = 'held'), 0)::DECIMAL(18, 2) AS undetermined_sek,
        count(*)::INTEGER AS board_count,
        count(*) FILTER (WHERE return_status <> 'missing')::INTEGER AS answered_count,
        count(*) FILTER (WHERE return_status = 'held')::INTEGER AS held_count
    FROM unit
    GROUP BY GROUPING SETS ((grant_id, upper_id), (grant_id, upper_id, level_id))
)

SELECT
    summed.grant_id,
    summed.upper_id,
    summed.level_id,
    concat_ws('.', 'niva-' || summed.upper_id, summed.level_id) AS subject,
    given_board.name,
    given_board.level_id AS upper_level_id,
    given_board.above_id,
    summed.* EXCLUDE (grant_id, upper_id, level_id),
    summed.answered_count - summed.held_count AS counted_count,
    whole_share_of(summed.answered_count, summed.board_count, given_grant.is_percent_cut) AS answered_whole_share,
    CASE
        WHEN summed.allocated_sek > summed.undetermined_sek
            THEN share_of(summed.eligible_sek, summed.allocated_sek - summed.undetermined_sek)
    END AS used_share
FROM summed
INNER JOIN given_grant ON summed.grant_id = given_grant.grant_id
INNER JOIN given_board ON summed.upper_id = given_board.board_id
