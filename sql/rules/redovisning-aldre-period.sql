-- Senders whose return that counts stops before the period's end and before their own last day (contract 2: outdated).
SELECT
    candidate.grant_id,
    candidate.board_id,
    candidate.sender_name AS name,
    candidate.period_end_on,
    candidate.wanted_on,
    returned.file,
    raw_cell.sheet,
    [raw_cell.cell] AS cells,
    raw_cell.raw AS seen
FROM candidate
INNER JOIN given_grant USING (grant_id)
INNER JOIN returned USING (grant_id, sender_id)
INNER JOIN raw_cell USING (reading_id)
WHERE
    returned.outcome = 'candidate'
    AND raw_cell.column_name = 'period_end_on'
    AND candidate.period_end_on >= given_grant.spend_from_on -- one before the grant is told of as what it is
    AND NOT candidate.is_up_to_date
