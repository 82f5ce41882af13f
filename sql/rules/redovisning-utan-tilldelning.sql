-- Returns from a board without an allocation in the grant, nor has any that it became or came from (contract 3: held).
SELECT
    candidate.grant_id,
    candidate.board_id,
    candidate.sender_name AS name,
    unnest(candidate.files) AS file
FROM candidate
WHERE NOT candidate.is_participant AND candidate.choices IS NULL
