-- One row per grant, board, component: allocation A, eligible E, ineligible I and liability L (contract 4).
-- L = min(A, max(0, A - E)); of it wrong_purpose = min(max(0, I), L) and the rest is not used. No return: L = A, ground
-- no_report. Held, and where the grant's amount is unknown: unknown. Where components are not earmarked, liability is
-- the board's, not the component's. Of years that have ended L has what lapsed, and A - E is what the others have with
-- what went over to them (contract 7).
WITH spent AS (
    SELECT
        grant_id,
        board_id,
        component_id,
        sum(CASE WHEN is_eligible THEN amount_sek ELSE 0 END)::DECIMAL(18, 2) AS eligible_sek,
        sum(CASE WHEN is_eligible THEN 0 ELSE amount_sek END)::DECIMAL(18, 2) AS ineligible_sek
    FROM line
    GROUP BY grant_id, board_id, component_id
),

allocated AS (
    SELECT
        grant_id,
        unit_id AS board_id,
        component_id,
        sum(amount_sek) AS allocated_sek
    FROM allocation
    WHERE is_in_force
    GROUP BY grant_id, unit_id, component_id
),

summed AS (
    SELECT
        standing.grant_id,
        standing.board_id,
        given_component.component_id,
        given_component.name,
        given_component.position,
        given_grant.is_earmarked,
        standing.is_missing,
        CASE WHEN given_grant.total_sek IS NOT NULL THEN coalesce(allocated.allocated_sek, 0) END::DECIMAL(18, 2)
            AS allocated_sek,
        CASE WHEN NOT standing.is_held THEN coalesce(spent.eligible_sek, 0) END::DECIMAL(18, 2) AS eligible_sek,
        CASE WHEN NOT standing.is_held THEN coalesce(spent.ineligible_sek, 0) END::DECIMAL(18, 2) AS ineligible_sek,
        coalesce(ended.lapsed_sek, 0) AS lapsed_sek,
        coalesce(ended.more_left_sek, 0) AS more_left_sek
    FROM standing
    INNER JOIN given_grant USING (grant_id)
    INNER JOIN given_component USING (grant_id)
    LEFT JOIN allocated USING (grant_id, board_id, component_id)
    LEFT JOIN spent USING (grant_id, board_id, component_id)
    LEFT JOIN ended USING (grant_id, board_id, component_id)
),

liable AS (
    SELECT
        *,
        CASE
            WHEN is_earmarked AND eligible_sek IS NOT NULL AND allocated_sek IS NOT NULL
                THEN least(allocated_sek, lapsed_sek + greatest(0, allocated_sek - eligible_sek + more_left_sek))
        END::DECIMAL(18, 2) AS liability_sek
    FROM summed
)

SELECT
    grant_id,
    board_id,
    component_id,
    name,
    position,
    allocated_sek,
    (eligible_sek + ineligible_sek)::DECIMAL(18, 2) AS reported_sek,
    eligible_sek,
    ineligible_sek,
    liability_sek,
    -- least() passes over nulls, so an unknown liability is asked for by name
    CASE
        WHEN liability_sek IS NULL THEN NULL
        WHEN is_missing THEN 0
        ELSE least(greatest(0, ineligible_sek), liability_sek)
    END::DECIMAL(18, 2) AS wrong_purpose_sek,
    CASE
        WHEN liability_sek IS NULL THEN NULL
        WHEN is_missing THEN liability_sek
        ELSE 0
    END::DECIMAL(18, 2) AS no_report_sek
FROM liable
