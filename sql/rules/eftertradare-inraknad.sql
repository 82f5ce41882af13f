-- Returns of a successor that the grant knows nothing of, counted under its predecessors' only unit (contract 2).
SELECT
    sender.grant_id,
    sender.board_id,
    sender.board_name AS name,
    sender.sender_name,
    sender.file
FROM sender
INNER JOIN standing USING (grant_id, board_id)
WHERE sender.is_by_predecessor AND NOT standing.is_held
