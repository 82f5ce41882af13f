-- One row per post (tjänst) of a return that counts: how much of full time it is, and its days as far as the return
-- reaches (contract 7). One without a last day goes on. What can't be right says nothing: 1 % of full time or less (0.5
-- is meant for 50), more than all of it, a last day before the first.
WITH cell AS (
    SELECT
        sender.grant_id,
        sender.board_id,
        sender.sender_id,
        sender.file,
        sender.period_end_on,
        raw_cell.sheet,
        raw_cell.row_no,
        max(CASE WHEN raw_cell.column_name = 'role' THEN raw_cell.words END) AS role,
        max(CASE WHEN raw_cell.column_name = 'full_time_percent' THEN raw_cell.amount_sek END) AS full_time_percent,
        max(CASE WHEN raw_cell.column_name = 'from_on' THEN raw_cell.day_on END) AS from_on,
        max(CASE WHEN raw_cell.column_name = 'to_on' THEN raw_cell.day_on END) AS to_on,
        max(CASE WHEN raw_cell.column_name = 'stays' THEN raw_cell.words END) AS stays
    FROM sender
    INNER JOIN standing USING (grant_id, board_id)
    INNER JOIN raw_cell USING (reading_id)
    WHERE raw_cell.part = 'posts' AND NOT standing.is_held
    GROUP BY
        sender.grant_id, sender.board_id, sender.sender_id, sender.file, sender.period_end_on, raw_cell.sheet,
        raw_cell.row_no
)

SELECT
    grant_id,
    board_id,
    sender_id,
    file,
    sheet,
    row_no,
    role,
    full_time_percent::DECIMAL(9, 2) AS full_time_percent,
    from_on,
    least(coalesce(to_on, period_end_on), period_end_on) AS to_on,
    coalesce(to_on, period_end_on) >= period_end_on AS is_current,
    stays = 'Ja' AS is_staying
FROM cell
WHERE
    full_time_percent > 1 AND full_time_percent <= 100
    AND from_on <= coalesce(to_on, period_end_on)
    AND from_on <= period_end_on
