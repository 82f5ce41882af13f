-- What is allocated and what is not are together what the grant gives (contract 4).
SELECT
    given_grant.grant_id,
    'total_sek' AS figure,
    given_grant.total_sek AS expected,
    city.allocated_sek + city.unallocated_sek AS found
FROM given_grant
LEFT JOIN city USING (grant_id)
