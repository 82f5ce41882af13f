-- Returns of predecessors that are counted under the unit that they are part of (contract 2, Chains).
SELECT
    sender.grant_id,
    sender.board_id,
    sender.board_name AS name,
    sender.sender_name,
    sender.file
FROM sender
INNER JOIN standing USING (grant_id, board_id)
WHERE NOT sender.is_own AND NOT sender.is_by_predecessor AND NOT standing.is_held
