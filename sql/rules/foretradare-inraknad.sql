-- Returns of predecessors that are counted under their successor (contract 2).
SELECT
    sender.grant_id,
    sender.board_id,
    sender.board_name AS name,
    sender.sender_name,
    sender.file
FROM sender
INNER JOIN standing USING (grant_id, board_id)
WHERE NOT sender.is_own AND NOT standing.is_held AND NOT standing.is_missing
