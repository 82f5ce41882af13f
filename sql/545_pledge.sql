-- One row per grant, promise of its decision: how many boards were to work in its areas, and which report costs there
-- that the grant pays for.
WITH working AS (
    SELECT DISTINCT
        given_pledge.grant_id,
        given_pledge.pledge_id,
        standing.name
    FROM given_pledge
    INNER JOIN line USING (grant_id)
    INNER JOIN given_word
        ON
            line.area = given_word.words
            AND given_pledge.area_key = given_word.word_key
    INNER JOIN standing USING (grant_id, board_id)
    WHERE line.is_eligible AND line.amount_sek > 0
),

promised AS (
    SELECT DISTINCT
        grant_id,
        pledge_id,
        board_count,
        sentence,
        position
    FROM given_pledge
)

SELECT
    promised.grant_id,
    promised.pledge_id,
    promised.position,
    promised.sentence,
    promised.board_count AS promised_count,
    count(working.name)::INTEGER AS working_count,
    list(working.name ORDER BY working.name) FILTER (WHERE working.name IS NOT NULL) AS names
FROM promised
LEFT JOIN working USING (grant_id, pledge_id)
GROUP BY ALL
