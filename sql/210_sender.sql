-- One row per grant, sender with a return that counts or is held: who sent what, and whether it is held.
-- A return is held by any blocking finding on it; a tie holds its sender (contract 2).
SELECT
    candidate.grant_id,
    candidate.board_id,
    candidate.board_name,
    candidate.sender_id,
    candidate.sender_name,
    candidate.is_own,
    candidate.is_by_predecessor,
    candidate.is_up_to_date,
    candidate.reaches_end,
    returned.file,
    returned.sha256,
    returned.kind,
    returned.reading_id,
    returned.period_end_on,
    returned.version,
    returned.stated_total_sek,
    returned.forecast_sek,
    returned.forecast_sheet,
    returned.forecast_cell,
    returned.wanted_sek,
    returned.wanted_sheet,
    returned.wanted_cell,
    returned.unspent_reason,
    returned.replaces_existing,
    returned.other_funding,
    returned.contact,
    returned.email,
    returned.attested_by,
    returned.attested_title,
    returned.attested_on,
    candidate.is_tied
    OR NOT candidate.is_participant
    OR EXISTS (
        SELECT 1 FROM finding
        WHERE finding.severity = 'blocking' AND list_contains(candidate.files, finding.file)
    ) AS is_held
FROM candidate
INNER JOIN returned USING (grant_id, sender_id)
WHERE returned.outcome = 'candidate'
