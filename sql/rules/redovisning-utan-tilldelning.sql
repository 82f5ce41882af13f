-- Returns from a board that has no allocation in the grant and no successor that has one (contract 3: held).
SELECT
    candidate.grant_id,
    candidate.board_id,
    candidate.sender_name AS name,
    unnest(candidate.files) AS file
FROM candidate
WHERE NOT candidate.has_allocation
