-- One row per cost line of every return of a known sender, counting or not: whether the grant pays for it.
-- Eligible when the day is within the spending period, the cost kind is allowed and the area is paid for; else
-- ineligible with the first reason in that order. Its component follows from its area; where the area belongs to none,
-- the component that the grant file lists first (contract 4). A line of a report that was filed one level down has been
-- judged there: its reason is the stated one, and only its area is asked for here.
WITH first_component AS (
    SELECT
        grant_id,
        arg_min(component_id, position) AS component_id
    FROM given_component
    GROUP BY grant_id
)

SELECT
    cost.* EXCLUDE (outcome, stated_reason),
    coalesce(given_area.component_id, first_component.component_id) AS component_id,
    CASE
        WHEN cost.stated_reason <> 'eligible' THEN cost.stated_reason
        WHEN
            cost.stated_reason IS NULL
            AND (cost.worked_on < given_grant.spend_from_on OR cost.worked_on > given_grant.spend_to_on)
            THEN 'outside_period'
        WHEN cost.stated_reason IS NULL AND given_cost_kind.cost_kind_key IS NULL THEN 'cost_kind'
        WHEN given_area.area_key IS NULL THEN 'area'
    END AS reason
FROM cost
INNER JOIN given_grant USING (grant_id)
INNER JOIN first_component USING (grant_id)
LEFT JOIN given_word AS area_word ON cost.area = area_word.words
LEFT JOIN given_area
    ON
        cost.grant_id = given_area.grant_id
        AND area_word.word_key = given_area.area_key
LEFT JOIN given_word AS cost_kind_word ON cost.cost_kind = cost_kind_word.words
LEFT JOIN given_cost_kind
    ON
        cost.grant_id = given_cost_kind.grant_id
        AND cost_kind_word.word_key = given_cost_kind.cost_kind_key
