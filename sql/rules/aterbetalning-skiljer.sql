-- Filed reports that state another amount to repay than what this level comes to for whoever filed it, in whole
-- kronor as such an amount is stated (contract 4). What is held or has no known amount has nothing to compare with.
SELECT
    sender.grant_id,
    sender.board_id,
    board_money.name,
    sender.file,
    stated.sheet,
    [stated.cell] AS cells,
    stated.raw AS seen,
    stated.amount_sek AS stated_sek,
    -- never negative, so away from zero is up
    round(board_money.liability_sek, 0)::DECIMAL(18, 2) AS liability_sek,
    board_money.allocated_sek,
    board_money.eligible_sek
FROM sender
INNER JOIN board_money USING (grant_id, board_id)
INNER JOIN raw_cell AS stated
    ON
        sender.reading_id = stated.reading_id
        AND stated.part = 'header'
        AND stated.column_name = 'stated_repay_sek'
WHERE sender.kind = 'report' AND stated.amount_sek <> round(board_money.liability_sek, 0)
