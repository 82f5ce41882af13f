-- Units with an allocation in force of which no sender has sent anything for the period (contract 3: missing).
SELECT
    allocation.grant_id,
    allocation.unit_id AS board_id,
    given_board.name,
    sum(allocation.amount_sek) AS allocated_sek
FROM allocation
INNER JOIN given_board ON allocation.unit_id = given_board.board_id
WHERE
    allocation.is_in_force
    AND NOT EXISTS (
        SELECT 1 FROM candidate
        WHERE
            candidate.grant_id = allocation.grant_id
            AND candidate.board_id = allocation.unit_id
    )
GROUP BY allocation.grant_id, allocation.unit_id, given_board.name
