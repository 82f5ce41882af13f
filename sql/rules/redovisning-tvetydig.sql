-- Different files from one sender with the same period and version: nobody can tell which one counts (contract 2).
SELECT
    candidate.grant_id,
    candidate.board_id,
    candidate.sender_name AS name,
    candidate.files,
    unnest(candidate.files) AS file
FROM candidate
WHERE candidate.is_tied
