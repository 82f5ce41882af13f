-- One row per grant, row that boards are asked to count, return that counts and has it: its counts, and the row they
-- stand in (contract 7). A row that stands twice says nothing, nor does one of a rating where more agree than answered,
-- or more answered than were asked, or one of the three is left out. Where a return leaves out the total, it is the sum
-- of the parts of the first split of which every part is given.
WITH cell AS (
    SELECT
        sender.grant_id,
        sender.board_id,
        sender.sender_id,
        sender.file,
        raw_cell.sheet,
        raw_cell.row_no,
        max(CASE WHEN raw_cell.column_name = 'measure' THEN raw_cell.words END) AS measure,
        max(CASE WHEN raw_cell.column_name = 'year' THEN raw_cell.words END) AS year_words,
        max(CASE WHEN raw_cell.column_name = 'split' THEN raw_cell.words END) AS split,
        max(CASE WHEN raw_cell.column_name = 'part' THEN raw_cell.words END) AS part,
        max(CASE WHEN raw_cell.column_name = 'count' THEN raw_cell.amount_sek END)::BIGINT AS plain_count,
        max(CASE WHEN raw_cell.column_name = 'agree_count' THEN raw_cell.amount_sek END)::BIGINT AS agree_count,
        max(CASE WHEN raw_cell.column_name = 'answered_count' THEN raw_cell.amount_sek END)::BIGINT AS answered_count,
        max(CASE WHEN raw_cell.column_name = 'asked_count' THEN raw_cell.amount_sek END)::BIGINT AS asked_count
    FROM sender
    INNER JOIN standing USING (grant_id, board_id)
    INNER JOIN raw_cell USING (reading_id)
    WHERE raw_cell.part = 'measures' AND NOT standing.is_held
    GROUP BY
        sender.grant_id, sender.board_id, sender.sender_id, sender.file, raw_cell.sheet, raw_cell.row_no
),

said AS (
    SELECT
        cell.grant_id,
        cell.board_id,
        cell.sender_id,
        cell.file,
        cell.sheet,
        cell.row_no,
        given_measure.asked_no,
        CASE WHEN NOT given_measure.is_rating THEN cell.plain_count END AS people_count,
        CASE WHEN given_measure.is_rating THEN cell.agree_count END AS agree_count,
        CASE WHEN given_measure.is_rating THEN cell.answered_count END AS answered_count,
        CASE WHEN given_measure.is_rating THEN cell.asked_count END AS asked_count
    FROM cell
    INNER JOIN given_word AS measure_word ON cell.measure = measure_word.words
    INNER JOIN given_word AS year_word ON cell.year_words = year_word.words
    INNER JOIN given_word AS split_word ON cell.split = split_word.words
    INNER JOIN given_word AS part_word ON cell.part = part_word.words
    INNER JOIN given_measure
        ON
            cell.grant_id = given_measure.grant_id
            AND measure_word.word_key = given_measure.measure_key
            AND year_word.word_key = given_measure.year_key
            AND split_word.word_key = given_measure.split_key
            AND part_word.word_key = given_measure.part_key
),

filled AS (
    SELECT *
    FROM said
    WHERE coalesce(people_count, agree_count, answered_count, asked_count) IS NOT NULL
),

once AS (
    SELECT *
    FROM filled
    WHERE people_count IS NOT NULL OR (agree_count <= answered_count AND answered_count <= asked_count)
    QUALIFY count(*) OVER (PARTITION BY grant_id, file, asked_no) = 1
),

split_size AS (
    SELECT
        grant_id,
        measure_id,
        year_no,
        split_no,
        count(*) AS part_count
    FROM given_measure
    WHERE split_no > 0
    GROUP BY grant_id, measure_id, year_no, split_no
),

whole AS (
    SELECT
        once.grant_id,
        once.board_id,
        once.sender_id,
        once.file,
        once.sheet,
        given_measure.measure_id,
        given_measure.year_no,
        given_measure.split_no,
        sum(once.people_count) AS people_count,
        sum(once.agree_count) AS agree_count,
        sum(once.answered_count) AS answered_count,
        sum(once.asked_count) AS asked_count
    FROM once
    INNER JOIN given_measure USING (grant_id, asked_no)
    INNER JOIN split_size USING (grant_id, measure_id, year_no, split_no)
    GROUP BY
        once.grant_id, once.board_id, once.sender_id, once.file, once.sheet, given_measure.measure_id,
        given_measure.year_no, given_measure.split_no
    HAVING count(*) = any_value(split_size.part_count)
    QUALIFY row_number() OVER (
        PARTITION BY once.grant_id, once.file, given_measure.measure_id, given_measure.year_no
        ORDER BY given_measure.split_no
    ) = 1
)

SELECT
    *,
    FALSE AS is_summed
FROM once
UNION ALL BY NAME
SELECT
    whole.grant_id,
    whole.board_id,
    whole.sender_id,
    whole.file,
    whole.sheet,
    total.asked_no,
    whole.people_count::BIGINT AS people_count,
    whole.agree_count::BIGINT AS agree_count,
    whole.answered_count::BIGINT AS answered_count,
    whole.asked_count::BIGINT AS asked_count,
    TRUE AS is_summed
FROM whole
INNER JOIN given_measure AS total
    ON
        whole.grant_id = total.grant_id
        AND whole.measure_id = total.measure_id
        AND whole.year_no = total.year_no
        AND total.split_no = 0
ANTI JOIN filled
    ON
        whole.grant_id = filled.grant_id
        AND whole.file = filled.file
        AND total.asked_no = filled.asked_no
