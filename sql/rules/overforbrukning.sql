-- Boards whose eligible spending is more than their allocation, all components together (contract 4: overspent).
SELECT
    board_money.grant_id,
    board_money.board_id,
    board_money.name,
    board_money.allocated_sek,
    board_money.overspent_sek
FROM board_money
WHERE board_money.overspent_sek > 0
