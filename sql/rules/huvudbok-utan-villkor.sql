-- Extracts of the accounts for a grant whose file doesn't say by what its costs are known there.
SELECT
    grant_id,
    file
FROM given_extract
ANTI JOIN given_separate_accounts USING (grant_id)
