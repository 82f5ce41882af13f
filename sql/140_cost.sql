-- One row per cost line of every return of a known sender, counting or not: the cells of a row side by side.
-- stated_reason: of a line of a report that was filed one level down what was found there (eligible, or why not); else
-- null.
SELECT
    returned.grant_id,
    returned.sender_id,
    returned.file,
    returned.outcome,
    raw_cell.sheet,
    raw_cell.row_no,
    max(CASE WHEN raw_cell.column_name = 'amount_sek' THEN raw_cell.cell END) AS cell,
    max(CASE WHEN raw_cell.column_name = 'activity' THEN raw_cell.cell END) AS activity_cell,
    max(CASE WHEN raw_cell.column_name = 'activity' THEN raw_cell.words END) AS activity,
    max(CASE WHEN raw_cell.column_name = 'area' THEN raw_cell.words END) AS area,
    max(CASE WHEN raw_cell.column_name = 'cost_kind' THEN raw_cell.words END) AS cost_kind,
    max(CASE WHEN raw_cell.column_name = 'account' THEN raw_cell.words END) AS account,
    max(CASE WHEN raw_cell.column_name = 'project' THEN raw_cell.words END) AS project,
    max(CASE WHEN raw_cell.column_name = 'voucher' THEN raw_cell.words END) AS voucher,
    max(CASE WHEN raw_cell.column_name = 'worked_on' THEN raw_cell.day_on END) AS worked_on,
    max(CASE WHEN raw_cell.column_name = 'amount_sek' THEN raw_cell.amount_sek END) AS amount_sek,
    max(CASE WHEN raw_cell.column_name = 'comment' THEN raw_cell.words END) AS comment,
    max(CASE WHEN raw_cell.column_name = 'stated_reason' THEN raw_cell.words END) AS stated_reason
FROM returned
INNER JOIN raw_cell USING (reading_id)
WHERE raw_cell.part = 'costs'
GROUP BY
    returned.grant_id, returned.sender_id, returned.file, returned.outcome, raw_cell.sheet, raw_cell.row_no
