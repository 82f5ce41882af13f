-- Grants whose decisions in force don't add up to the total: the rest is unallocated, and never repaired (contract 4).
SELECT
    given_grant.grant_id,
    given_grant.total_sek,
    sum(allocation.amount_sek) AS allocated_sek,
    given_grant.total_sek - sum(allocation.amount_sek) AS value
FROM given_grant
INNER JOIN allocation USING (grant_id)
WHERE allocation.is_in_force
GROUP BY given_grant.grant_id, given_grant.total_sek
HAVING sum(allocation.amount_sek) <> given_grant.total_sek
