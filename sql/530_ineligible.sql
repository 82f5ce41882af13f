-- One row per grant, board, reason: the lines that the grant does not pay for, and why.
SELECT
    line.grant_id,
    line.board_id,
    standing.name,
    line.reason,
    count(*)::INTEGER AS line_count,
    sum(line.amount_sek)::DECIMAL(18, 2) AS amount_sek
FROM line
INNER JOIN standing USING (grant_id, board_id)
WHERE NOT line.is_eligible
GROUP BY line.grant_id, line.board_id, standing.name, line.reason
