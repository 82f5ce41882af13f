-- One row per grant, board: its components together. Liability is the sum over earmarked components; where they are not
-- earmarked the board is taken as one component (contract 4; of years that have ended contract 7). Null when held, and
-- where what the board was given is unknown.
WITH summed AS (
    SELECT
        standing.grant_id,
        standing.board_id,
        standing.name,
        standing.is_missing,
        given_grant.is_earmarked,
        standing.allocated_sek,
        sum(board_component.reported_sek)::DECIMAL(18, 2) AS reported_sek,
        sum(board_component.eligible_sek)::DECIMAL(18, 2) AS eligible_sek,
        sum(board_component.ineligible_sek)::DECIMAL(18, 2) AS ineligible_sek,
        sum(board_component.liability_sek)::DECIMAL(18, 2) AS earmarked_sek,
        sum(board_component.wrong_purpose_sek)::DECIMAL(18, 2) AS earmarked_wrong_sek
    FROM standing
    INNER JOIN given_grant USING (grant_id)
    INNER JOIN board_component USING (grant_id, board_id)
    GROUP BY
        standing.grant_id, standing.board_id, standing.name, standing.is_missing, given_grant.is_earmarked,
        standing.allocated_sek
),

in_years AS (
    SELECT
        summed.*,
        coalesce(ended.lapsed_sek, 0) AS lapsed_sek,
        coalesce(ended.more_left_sek, 0) AS more_left_sek
    FROM summed
    LEFT JOIN ended
        ON
            summed.grant_id = ended.grant_id
            AND summed.board_id = ended.board_id
            AND ended.component_id IS NULL
),

liable AS (
    SELECT
        *,
        CASE
            WHEN is_earmarked THEN earmarked_sek
            WHEN eligible_sek IS NOT NULL AND allocated_sek IS NOT NULL
                THEN least(allocated_sek, lapsed_sek + greatest(0, allocated_sek - eligible_sek + more_left_sek))
        END::DECIMAL(18, 2) AS liability_sek
    FROM in_years
),

grounded AS (
    SELECT
        *,
        CASE
            WHEN liability_sek IS NULL THEN NULL
            WHEN is_missing THEN liability_sek
            ELSE 0
        END::DECIMAL(18, 2) AS no_report_sek,
        CASE
            WHEN liability_sek IS NULL THEN NULL
            WHEN is_missing THEN 0
            WHEN is_earmarked THEN earmarked_wrong_sek
            ELSE least(greatest(0, ineligible_sek), liability_sek)
        END::DECIMAL(18, 2) AS wrong_purpose_sek
    FROM liable
)

SELECT
    grant_id,
    board_id,
    name,
    allocated_sek,
    reported_sek,
    eligible_sek,
    ineligible_sek,
    (allocated_sek - eligible_sek)::DECIMAL(18, 2) AS remaining_sek,
    at_least_zero(eligible_sek - allocated_sek) AS overspent_sek,
    liability_sek,
    (liability_sek - wrong_purpose_sek - no_report_sek)::DECIMAL(18, 2) AS not_used_sek,
    wrong_purpose_sek,
    no_report_sek
FROM grounded
