-- One row per board, heir: each board that a board became, its successor first (distance 1), then that one's successor.
WITH RECURSIVE heir AS (
    SELECT
        board_id,
        successor_id AS heir_id,
        1 AS distance
    FROM given_board
    WHERE successor_id IS NOT NULL
    UNION ALL
    SELECT
        heir.board_id,
        given_board.successor_id AS heir_id,
        heir.distance + 1 AS distance
    FROM heir
    INNER JOIN given_board ON heir.heir_id = given_board.board_id
    WHERE given_board.successor_id IS NOT NULL
)

SELECT
    heir.board_id,
    heir.heir_id,
    heir.distance,
    given_board.first_on
FROM heir
INNER JOIN given_board ON heir.heir_id = given_board.board_id
