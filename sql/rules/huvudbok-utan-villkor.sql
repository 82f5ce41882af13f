-- Extracts of the accounts for a grant whose file doesn't say by what its costs are known there.
SELECT
    given_extract.grant_id,
    given_extract.file
FROM given_extract
INNER JOIN given_grant USING (grant_id)
ANTI JOIN given_separate_accounts USING (grant_id)
