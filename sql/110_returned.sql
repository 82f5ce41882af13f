-- One row per return of the run's grants whose sender is known: its header, and what becomes of it.
-- Of a sender's returns not for a later period than the run's, the latest period and then the highest version counts;
-- the same bytes twice count once; one whose period or version can't be read, or whose period lies outside the grant,
-- can't be passed over (contract 2, contract 8 q). An answer of ours that has come in again is no return (contract 2).
WITH header AS (
    SELECT
        reading_id,
        max(CASE WHEN column_name = 'period_end_on' THEN day_on END) AS period_end_on,
        max(CASE WHEN column_name = 'version' THEN amount_sek END)::INTEGER AS version,
        max(CASE WHEN column_name = 'stated_total_sek' THEN amount_sek END) AS stated_total_sek,
        max(CASE WHEN column_name = 'forecast_sek' THEN amount_sek END) AS forecast_sek,
        max(CASE WHEN column_name = 'forecast_sek' THEN sheet END) AS forecast_sheet,
        max(CASE WHEN column_name = 'forecast_sek' THEN cell END) AS forecast_cell,
        max(CASE WHEN column_name = 'wanted_sek' THEN amount_sek END) AS wanted_sek,
        max(CASE WHEN column_name = 'wanted_sek' THEN sheet END) AS wanted_sheet,
        max(CASE WHEN column_name = 'wanted_sek' THEN cell END) AS wanted_cell,
        max(CASE WHEN column_name = 'unspent_reason' THEN words END) AS unspent_reason,
        max(CASE WHEN column_name = 'replaces_existing' THEN words END) AS replaces_existing,
        max(CASE WHEN column_name = 'other_funding' THEN words END) AS other_funding,
        max(CASE WHEN column_name = 'contact' THEN words END) AS contact,
        max(CASE WHEN column_name = 'email' THEN words END) AS email,
        max(CASE WHEN column_name = 'attested_by' THEN words END) AS attested_by,
        max(CASE WHEN column_name = 'attested_title' THEN words END) AS attested_title,
        max(CASE WHEN column_name = 'attested_on' THEN day_on END) AS attested_on
    FROM raw_cell
    WHERE part = 'header'
    GROUP BY reading_id
),

sent AS (
    SELECT
        given_file.grant_id,
        given_file.sender_id,
        accountable.sender_name,
        accountable.board_id,
        accountable.board_name,
        accountable.is_participant,
        accountable.is_by_predecessor,
        accountable.choices,
        accountable.last_on,
        given_file.file,
        given_file.sha256,
        given_file.kind,
        given_file.reading_id,
        header.* EXCLUDE (reading_id),
        given_grant.period_end_on AS wanted_on,
        row_number() OVER (
            PARTITION BY given_file.grant_id, given_file.sender_id, given_file.sha256 ORDER BY given_file.file
        ) > 1 AS is_duplicate,
        coalesce(
            header.period_end_on BETWEEN given_grant.spend_from_on AND given_grant.spend_to_on, FALSE
        ) AS is_within,
        is_within AND header.period_end_on > given_grant.period_end_on AS is_later,
        is_within AND header.version IS NOT NULL AS is_datable
    FROM given_file
    INNER JOIN given_grant USING (grant_id)
    INNER JOIN accountable USING (grant_id, sender_id)
    LEFT JOIN header USING (reading_id)
    WHERE given_file.kind IS DISTINCT FROM 'skipped'
),

ranked AS (
    SELECT
        *,
        rank() OVER (
            PARTITION BY grant_id, sender_id, is_duplicate, is_later
            ORDER BY is_datable, period_end_on DESC, version DESC
        ) AS place
    FROM sent
)

SELECT
    * EXCLUDE (place, is_within, is_datable, is_duplicate, is_later),
    CASE
        WHEN is_duplicate THEN 'duplicate'
        WHEN is_later THEN 'later_period'
        WHEN place > 1 THEN 'superseded'
        ELSE 'candidate'
    END AS outcome
FROM ranked
