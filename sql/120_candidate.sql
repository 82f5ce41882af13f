-- One row per grant, sender: the return that counts, if nothing holds it. Two different files that tie are both here
-- in `files`, and neither is the one (contract 2).
SELECT
    grant_id,
    sender_id,
    sender_name,
    board_id,
    board_name,
    is_participant,
    is_by_predecessor,
    choices,
    board_id = sender_id AS is_own,
    list(file ORDER BY file) AS files,
    count(*) > 1 AS is_tied,
    min(period_end_on) AS period_end_on,
    any_value(wanted_on) AS wanted_on,
    -- up to date when it reaches the period's end or the sender's own last day, whichever is first
    coalesce(min(period_end_on) >= least(any_value(wanted_on), any_value(last_on)), FALSE) AS is_up_to_date,
    coalesce(min(period_end_on) >= any_value(wanted_on), FALSE) AS reaches_end
FROM returned
WHERE outcome = 'candidate'
GROUP BY
    grant_id, sender_id, sender_name, board_id, board_name, is_participant, is_by_predecessor, choices
