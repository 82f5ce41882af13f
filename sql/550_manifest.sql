-- One row per grant, file of the run: what became of it. Every file is here, in every grant of the run (contract 3),
-- the extracts of the accounts too.
SELECT
    given_grant.grant_id,
    given_file.file AS name,
    given_file.sha256,
    given_file.size_bytes,
    CASE
        WHEN given_file.kind = 'skipped' THEN 'skipped'
        WHEN given_file.grant_id IS NULL OR given_file.sender_id IS NULL THEN 'unidentified'
        WHEN given_file.grant_id <> given_grant.grant_id THEN 'other_grant'
        WHEN returned.outcome <> 'candidate' THEN returned.outcome
        WHEN standing.is_held THEN 'held'
        ELSE 'counted'
    END AS outcome,
    sender.board_id,
    given_file.sender_id
FROM given_grant
CROSS JOIN given_file
LEFT JOIN returned
    ON
        given_grant.grant_id = returned.grant_id
        AND given_file.file = returned.file
LEFT JOIN sender
    ON
        given_grant.grant_id = sender.grant_id
        AND given_file.file = sender.file
LEFT JOIN standing
    ON
        sender.grant_id = standing.grant_id
        AND sender.board_id = standing.board_id
UNION ALL
SELECT
    given_grant.grant_id,
    given_extract.file AS name,
    given_extract.sha256,
    given_extract.size_bytes,
    CASE
        WHEN given_extract.grant_id IS NULL THEN 'unidentified'
        WHEN given_extract.grant_id <> given_grant.grant_id THEN 'other_grant'
        ELSE 'evidence'
    END AS outcome,
    NULL AS board_id,
    NULL AS sender_id
FROM given_grant
CROSS JOIN given_extract
