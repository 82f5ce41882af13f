-- Boards with an allocation in force that sent nothing of their own for the period (contract 3: missing).
SELECT
    allocation.grant_id,
    allocation.board_id,
    any_value(allocation.name) AS name,
    sum(allocation.amount_sek) AS allocated_sek
FROM allocation
WHERE
    allocation.is_in_force
    AND NOT EXISTS (
        SELECT 1 FROM candidate
        WHERE
            candidate.grant_id = allocation.grant_id
            AND candidate.board_id = allocation.board_id
            AND candidate.is_own
    )
GROUP BY allocation.grant_id, allocation.board_id
