-- One row per grant, recipient on a higher level (överordnad), unit that is a part of it, near or far. Where nobody is
-- said to be a part of anybody there are none.
WITH RECURSIVE above AS (
    SELECT
        board_id,
        above_id AS upper_id
    FROM given_board
    WHERE above_id IS NOT NULL
    UNION ALL
    SELECT
        above.board_id,
        given_board.above_id AS upper_id
    FROM above
    INNER JOIN given_board ON above.upper_id = given_board.board_id
    WHERE given_board.above_id IS NOT NULL
)

SELECT
    board.grant_id,
    above.upper_id,
    board.board_id
FROM board
INNER JOIN above USING (board_id)
