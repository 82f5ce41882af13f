-- The grounds of a board's liability are together the liability, and none of them is below zero (contract 4).
SELECT
    board.grant_id,
    board.board_id,
    pair.figure,
    pair.expected,
    pair.found
FROM board
CROSS JOIN (
    VALUES
    ('liability_sek', board.not_used_sek + board.wrong_purpose_sek + board.no_report_sek, board.liability_sek),
    ('not_used_sek', greatest(board.not_used_sek, 0), coalesce(board.not_used_sek, 0)),
    ('wrong_purpose_sek', greatest(board.wrong_purpose_sek, 0), coalesce(board.wrong_purpose_sek, 0)),
    ('no_report_sek', greatest(board.no_report_sek, 0), coalesce(board.no_report_sek, 0))
) AS pair (figure, expected, found)
WHERE board.return_status <> 'held'
