-- One row per grant, unit, question and year that has begun: what the unit has answered (contract 7). A row that stands
-- twice in a return says nothing, nor does an answer of the wrong kind. What the unit says in its own name goes before
-- what its predecessors say. Where only they say anything, numbers are added, and yes or no is known while they agree.
WITH cell AS (
    SELECT
        sender.grant_id,
        sender.board_id,
        sender.is_own,
        sender.file,
        raw_cell.sheet,
        raw_cell.row_no,
        max(CASE WHEN raw_cell.column_name = 'question' THEN raw_cell.words END) AS question,
        max(CASE WHEN raw_cell.column_name = 'question_year' THEN raw_cell.words END) AS year_words,
        max(CASE WHEN raw_cell.column_name = 'answer' THEN raw_cell.cell END) AS answer_cell,
        max(CASE WHEN raw_cell.column_name = 'answer' THEN raw_cell.words END) AS answer_words,
        max(CASE WHEN raw_cell.column_name = 'answer' THEN raw_cell.amount_sek END)::BIGINT AS answer_count
    FROM sender
    INNER JOIN standing USING (grant_id, board_id)
    INNER JOIN raw_cell USING (reading_id)
    WHERE raw_cell.part = 'questions' AND NOT standing.is_held
    GROUP BY sender.grant_id, sender.board_id, sender.is_own, sender.file, raw_cell.sheet, raw_cell.row_no
),

once AS (
    SELECT
        cell.grant_id,
        cell.board_id,
        cell.is_own,
        cell.file,
        cell.sheet,
        cell.answer_cell,
        given_question.asked_no,
        CASE WHEN NOT given_question.is_number THEN cell.answer_words = 'Ja' END AS is_yes,
        CASE WHEN given_question.is_number THEN cell.answer_count END AS number_count
    FROM cell
    INNER JOIN given_word AS question_word ON cell.question = question_word.words
    INNER JOIN given_word AS year_word ON cell.year_words = year_word.words
    INNER JOIN given_question
        ON
            cell.grant_id = given_question.grant_id
            AND question_word.word_key = given_question.question_key
            AND year_word.word_key = given_question.year_key
    WHERE cell.answer_cell IS NOT NULL
    QUALIFY count(*) OVER (PARTITION BY cell.grant_id, cell.file, given_question.asked_no) = 1
),

heard AS (
    SELECT *
    FROM once
    WHERE is_yes IS NOT NULL OR number_count IS NOT NULL
    QUALIFY is_own OR NOT bool_or(is_own) OVER (PARTITION BY grant_id, board_id, asked_no)
),

said AS (
    SELECT
        grant_id,
        board_id,
        asked_no,
        bool_and(is_yes) AS is_yes_of_all,
        bool_or(is_yes) AS is_yes_of_any,
        sum(number_count)::BIGINT AS number_count,
        list(file || ' ' || sheet || ' ' || answer_cell ORDER BY file) AS places
    FROM heard
    GROUP BY grant_id, board_id, asked_no
)

SELECT
    standing.grant_id,
    standing.board_id,
    given_question.asked_no,
    given_question.question_id,
    given_question.text,
    given_question.is_number,
    given_question.unit,
    given_question.year_no,
    given_question.from_on,
    given_question.to_on,
    CASE WHEN said.is_yes_of_all = said.is_yes_of_any THEN said.is_yes_of_all END AS is_yes,
    said.number_count,
    coalesce(said.is_yes_of_all <> said.is_yes_of_any, FALSE) AS is_contradicted,
    said.places
FROM standing
INNER JOIN given_question USING (grant_id)
LEFT JOIN said USING (grant_id, board_id, asked_no)
