-- The grounds of a board's liability are together the liability, and none of them is below zero (contract 4).
SELECT
    grant_id,
    board_id,
    unnest(['liability_sek', 'not_used_sek', 'wrong_purpose_sek', 'no_report_sek']) AS figure,
    unnest([
        not_used_sek + wrong_purpose_sek + no_report_sek,
        greatest(not_used_sek, 0),
        greatest(wrong_purpose_sek, 0),
        greatest(no_report_sek, 0)
    ]) AS expected,
    unnest([liability_sek, not_used_sek, wrong_purpose_sek, no_report_sek]) AS found
FROM board
WHERE return_status <> 'held'
