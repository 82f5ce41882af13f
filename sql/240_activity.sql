-- One row per activity (insats) row of the returns that count: whom it reached and what came of it.
SELECT
    sender.grant_id,
    sender.board_id,
    sender.sender_id,
    sender.file,
    raw_cell.sheet,
    raw_cell.row_no,
    max(CASE WHEN raw_cell.column_name = 'activity' THEN raw_cell.words END) AS activity,
    max(CASE WHEN raw_cell.column_name = 'area' THEN raw_cell.words END) AS area,
    max(CASE WHEN raw_cell.column_name = 'target_area' THEN raw_cell.words END) AS target_area,
    max(CASE WHEN raw_cell.column_name = 'target_group' THEN raw_cell.words END) AS target_group,
    max(CASE WHEN raw_cell.column_name = 'description' THEN raw_cell.words END) AS description,
    max(CASE WHEN raw_cell.column_name = 'women_count' THEN raw_cell.amount_sek END)::INTEGER AS women_count,
    max(CASE WHEN raw_cell.column_name = 'men_count' THEN raw_cell.amount_sek END)::INTEGER AS men_count,
    max(CASE WHEN raw_cell.column_name = 'unknown_count' THEN raw_cell.amount_sek END)::INTEGER AS unknown_count,
    max(CASE WHEN raw_cell.column_name = 'women_count' THEN raw_cell.cell END) AS women_cell,
    max(CASE WHEN raw_cell.column_name = 'men_count' THEN raw_cell.cell END) AS men_cell,
    max(CASE WHEN raw_cell.column_name = 'unknown_count' THEN raw_cell.cell END) AS unknown_cell,
    max(CASE WHEN raw_cell.column_name = 'result' THEN raw_cell.words END) AS result
FROM sender
INNER JOIN standing USING (grant_id, board_id)
INNER JOIN raw_cell USING (reading_id)
WHERE raw_cell.part = 'activities' AND NOT standing.is_held
GROUP BY sender.grant_id, sender.board_id, sender.sender_id, sender.file, raw_cell.sheet, raw_cell.row_no
