-- Returns from a successor that the grant knows nothing of, and whose predecessors have money in several units: nobody
-- can tell which one the spending is of (contract 2, Chains: held, with the names to choose from).
SELECT
    candidate.grant_id,
    candidate.board_id,
    candidate.sender_name AS name,
    returned.file,
    raw_cell.sheet,
    [raw_cell.cell] AS cells,
    raw_cell.raw AS seen,
    (
        SELECT list(given_board.name ORDER BY given_board.name)
        FROM given_board
        WHERE list_contains(candidate.choices, given_board.board_id)
    ) AS names
FROM candidate
INNER JOIN returned USING (grant_id, sender_id)
INNER JOIN raw_cell USING (reading_id)
WHERE
    candidate.choices IS NOT NULL
    AND returned.outcome = 'candidate'
    AND raw_cell.part = 'header'
    AND raw_cell.column_name = 'board'
