-- One row per grant, board, cost line that is added, removed or changed between two runs. A line that says the same in
-- both is no change, wherever it stands; of the rest, two in the same row of the same sender's sheet are one changed.
WITH both_runs AS (
    SELECT
        *,
        TRUE AS is_before
    FROM before_line
    UNION ALL BY NAME
    SELECT
        *,
        FALSE AS is_before
    FROM after_line
),

numbered AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY
                is_before, grant_id, board_id, sender_id, activity, area, cost_kind, account, project, voucher,
                worked_on, amount_sek, comment
            ORDER BY sheet, row_no
        ) AS copy_no
    FROM both_runs
),

-- as many copies as the other run has say the same; what is over has no counterpart
unmatched AS (
    SELECT numbered.*
    FROM numbered
    WHERE NOT EXISTS (
        SELECT 1 FROM numbered AS other
        WHERE
            other.is_before <> numbered.is_before
            AND other.copy_no = numbered.copy_no
            AND other.grant_id = numbered.grant_id
            AND other.board_id = numbered.board_id
            AND other.sender_id = numbered.sender_id
            AND other.activity IS NOT DISTINCT FROM numbered.activity
            AND other.area IS NOT DISTINCT FROM numbered.area
            AND other.cost_kind IS NOT DISTINCT FROM numbered.cost_kind
            AND other.account IS NOT DISTINCT FROM numbered.account
            AND other.project IS NOT DISTINCT FROM numbered.project
            AND other.voucher IS NOT DISTINCT FROM numbered.voucher
            AND other.worked_on IS NOT DISTINCT FROM numbered.worked_on
            AND other.amount_sek IS NOT DISTINCT FROM numbered.amount_sek
            AND other.comment IS NOT DISTINCT FROM numbered.comment
    )
),

old AS (
    SELECT * FROM unmatched
    WHERE is_before
),

fresh AS (
    SELECT * FROM unmatched
    WHERE NOT is_before
)

SELECT
    coalesce(fresh.grant_id, old.grant_id) AS grant_id,
    coalesce(fresh.board_id, old.board_id) AS board_id,
    coalesce(fresh.sender_id, old.sender_id) AS sender_id,
    CASE
        WHEN old.file IS NULL THEN 'added'
        WHEN fresh.file IS NULL THEN 'removed'
        ELSE 'changed'
    END AS change,
    coalesce(fresh.file, old.file) AS file,
    coalesce(fresh.sheet, old.sheet) AS sheet,
    coalesce(fresh.row_no, old.row_no) AS row_no,
    coalesce(fresh.cell, old.cell) AS cell,
    coalesce(fresh.activity, old.activity) AS activity,
    old.amount_sek AS before_sek,
    fresh.amount_sek AS after_sek,
    old.worked_on AS before_on,
    fresh.worked_on AS after_on,
    nullif(concat_ws(', ', old.area, old.cost_kind, old.comment), '') AS before_words,
    nullif(concat_ws(', ', fresh.area, fresh.cost_kind, fresh.comment), '') AS after_words
FROM fresh
FULL OUTER JOIN old
    ON
        fresh.grant_id = old.grant_id
        AND fresh.board_id = old.board_id
        AND fresh.sender_id = old.sender_id
        AND fresh.sheet = old.sheet
        AND fresh.row_no = old.row_no
