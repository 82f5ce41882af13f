-- One row per grant, finding that its report tells: the grant's own and those of files that nobody can place, but not
-- those of files passed over. Blocking first, then by board and file, in the order they were found.
WITH concerned AS (
    SELECT
        given_grant.grant_id,
        finding.* EXCLUDE (grant_id, board_id),
        finding.grant_id AS about_grant_id,
        finding.board_id AS about_board_id
    FROM given_grant
    CROSS JOIN finding
    LEFT JOIN given_file ON finding.file = given_file.file
    LEFT JOIN returned ON finding.file = returned.file
    WHERE
        coalesce(returned.outcome, 'candidate') = 'candidate'
        AND (
            finding.grant_id = given_grant.grant_id
            OR (given_file.file IS NOT NULL AND (given_file.grant_id IS NULL OR given_file.sender_id IS NULL))
            OR finding.rule_id = 'bidragsfil-trasig'
        )
)

SELECT
    *,
    row_number() OVER (
        PARTITION BY grant_id
        ORDER BY
            CASE severity WHEN 'blocking' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END,
            about_board_id NULLS FIRST, file NULLS FIRST, finding_no
    ) AS position
FROM concerned
