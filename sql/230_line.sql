-- One row per cost line of the returns that count: its money, its cell, and whether the grant pays for it (contract 4).
SELECT
    sender.grant_id,
    sender.board_id,
    sender.sender_id,
    judged.component_id,
    judged.* EXCLUDE (grant_id, sender_id, component_id, reason),
    judged.reason,
    judged.reason IS NULL AS is_eligible
FROM sender
INNER JOIN standing USING (grant_id, board_id)
INNER JOIN judged USING (grant_id, file)
WHERE NOT standing.is_held
