-- Cost lines that two senders of one board both report: same voucher, day, cost kind and amount (contract 2).
SELECT
    line.grant_id,
    line.board_id,
    line.file,
    line.sheet,
    list(DISTINCT line.cell ORDER BY line.cell) AS cells,
    coalesce(line.voucher, '(utan nummer)') AS seen,
    line.amount_sek,
    any_value(sender.sender_name) AS sender_name,
    any_value(other_sender.sender_name) AS other_name
FROM line
INNER JOIN line AS other
    ON
        line.grant_id = other.grant_id
        AND line.board_id = other.board_id
        AND line.sender_id <> other.sender_id
        AND line.amount_sek = other.amount_sek
        AND line.worked_on = other.worked_on
        AND line.cost_kind = other.cost_kind
        AND line.voucher IS NOT DISTINCT FROM other.voucher
INNER JOIN sender
    ON
        line.grant_id = sender.grant_id
        AND line.file = sender.file
INNER JOIN sender AS other_sender
    ON
        other.grant_id = other_sender.grant_id
        AND other.file = other_sender.file
WHERE NOT sender.is_own
GROUP BY line.grant_id, line.board_id, line.file, line.sheet, line.voucher, line.amount_sek
