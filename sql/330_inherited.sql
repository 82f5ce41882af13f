-- One row per grant, unit, predecessor that a decision in force names: what of the unit's allocation was decided for
-- the predecessor, all components together (contract 2, Chains).
SELECT
    allocation.grant_id,
    allocation.unit_id AS board_id,
    allocation.board_id AS decided_board_id,
    allocation.name AS decided_name,
    sum(allocation.amount_sek)::DECIMAL(18, 2) AS amount_sek
FROM allocation
WHERE allocation.is_in_force AND allocation.unit_id <> allocation.board_id
GROUP BY allocation.grant_id, allocation.unit_id, allocation.board_id, allocation.name
