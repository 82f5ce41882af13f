-- What is allocated and what is not are together what the grant gives (contract 4).
WITH pair AS (
    SELECT
        given_grant.grant_id,
        given_grant.total_sek AS expected,
        city.allocated_sek + city.unallocated_sek AS found
    FROM given_grant
    LEFT JOIN city USING (grant_id)
)

SELECT
    grant_id,
    NULL AS board_id,
    NULL AS component_id,
    NULL AS file,
    'total_sek' AS figure,
    expected,
    found
FROM pair
WHERE expected IS DISTINCT FROM found
