-- Units whose senders each reach their own last day while none reaches the period's end: something may be missing from
-- the board that exists (contract 8 a: outdated, and never blocking).
SELECT
    candidate.grant_id,
    candidate.board_id,
    candidate.board_name AS name,
    max(candidate.period_end_on) AS period_end_on,
    any_value(candidate.wanted_on) AS wanted_on
FROM candidate
WHERE candidate.is_participant
GROUP BY candidate.grant_id, candidate.board_id, candidate.board_name
HAVING bool_and(candidate.is_up_to_date) AND NOT bool_or(candidate.reaches_end)
