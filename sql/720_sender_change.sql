-- One row per grant, sender whose return is another than in the run before: new, gone, or a file with other content.
SELECT
    coalesce(after_sender.grant_id, before_sender.grant_id) AS grant_id,
    coalesce(after_sender.board_id, before_sender.board_id) AS board_id,
    coalesce(after_sender.sender_name, before_sender.sender_name) AS sender_name,
    before_sender.file AS before_file,
    before_sender.version AS before_version,
    before_sender.is_held AS was_held,
    after_sender.file AS after_file,
    after_sender.version AS after_version,
    after_sender.is_held
FROM after_sender
FULL OUTER JOIN before_sender
    ON
        after_sender.grant_id = before_sender.grant_id
        AND after_sender.sender_id = before_sender.sender_id
        AND after_sender.sha256 = before_sender.sha256
WHERE after_sender.file IS NULL OR before_sender.file IS NULL OR after_sender.is_held <> before_sender.is_held
