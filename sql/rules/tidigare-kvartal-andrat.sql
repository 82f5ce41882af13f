-- Quarters that the sender's previous return among this run's files also covered, and whose sum has changed since: a
-- return is cumulative, so what has been reported once should stand (contract 2).
WITH previous AS (
    SELECT
        now.grant_id,
        now.sender_id,
        now.file AS now_file,
        earlier.file AS earlier_file,
        earlier.period_end_on AS earlier_on
    FROM returned AS now
    INNER JOIN returned AS earlier USING (grant_id, sender_id)
    WHERE
        now.outcome = 'candidate'
        AND earlier.outcome = 'superseded'
        -- what was filed one level down is not told by quarter
        AND now.kind IS DISTINCT FROM 'report' AND earlier.kind IS DISTINCT FROM 'report'
        AND earlier.period_end_on < now.period_end_on
    QUALIFY row_number() OVER (
        PARTITION BY now.grant_id, now.sender_id
        ORDER BY earlier.period_end_on DESC, earlier.version DESC, earlier.file
    ) = 1
),

quarters AS (
    SELECT
        previous.grant_id,
        previous.sender_id,
        previous.now_file,
        previous.earlier_file,
        date_trunc('quarter', cost.worked_on) AS quarter_on,
        sum(CASE WHEN cost.file = previous.now_file THEN cost.amount_sek ELSE 0 END) AS now_sek,
        sum(CASE WHEN cost.file = previous.earlier_file THEN cost.amount_sek ELSE 0 END) AS earlier_sek
    FROM previous
    INNER JOIN cost
        ON
            previous.grant_id = cost.grant_id
            AND cost.file IN (previous.now_file, previous.earlier_file)
    WHERE cost.worked_on <= previous.earlier_on
    GROUP BY ALL
)

SELECT
    quarters.grant_id,
    candidate.board_id,
    quarters.now_file AS file,
    'kvartal ' || quarter(quarters.quarter_on) || ' ' || year(quarters.quarter_on) AS seen,
    quarters.earlier_sek,
    quarters.now_sek,
    quarters.earlier_file
FROM quarters
INNER JOIN candidate USING (grant_id, sender_id)
WHERE quarters.now_sek <> quarters.earlier_sek
