-- Senders whose only returns are for a later period than the run's: they are missing, and it should be plain why.
SELECT
    later.grant_id,
    later.board_id,
    later.sender_name AS name,
    max(later.period_end_on) AS period_end_on,
    arg_max(later.file, later.period_end_on) AS later_file,
    any_value(later.wanted_on) AS wanted_on
FROM returned AS later
WHERE
    later.outcome = 'later_period'
    AND NOT EXISTS (
        SELECT 1 FROM candidate
        WHERE candidate.grant_id = later.grant_id AND candidate.sender_id = later.sender_id
    )
GROUP BY later.grant_id, later.board_id, later.sender_id, later.sender_name
