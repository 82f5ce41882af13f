-- One row per grant that says how many posts each board is to have, unit that a return counts of: its posts, the months
-- that they were filled and were to be, the months that some of it was vacant, what a whole post costs a year, and how
-- many of the posts there are now end with the money (contract 7). Board null: all units together. A month is a month
-- whatever its days: filled and wanted months have two decimals, half up. 377 580 is the least number that 28, 29, 30
-- and 31 divide. The cost of a whole post is the eligible salaries by the filled months times twelve, whole kronor.
WITH month AS (
    SELECT
        grant_id,
        board_id,
        sum((filled_percent_days * 100)::HUGEINT * (377580 // month_day_count)) AS filled_parts,
        sum((wanted_percent_days * 100)::HUGEINT * (377580 // month_day_count)) AS wanted_parts,
        count_if(is_vacant)::INTEGER AS vacant_month_count,
        list(strftime(month_on, '%Y-%m') ORDER BY month_on) FILTER (WHERE is_vacant) AS vacant_in
    FROM post_month
    GROUP BY grant_id, board_id
),

had AS (
    SELECT
        grant_id,
        board_id,
        count(*)::INTEGER AS post_count,
        count_if(is_current)::INTEGER AS current_count,
        count_if(is_current AND is_staying)::INTEGER AS staying_count,
        count_if(is_current AND NOT is_staying)::INTEGER AS ending_count
    FROM post
    GROUP BY grant_id, board_id
),

paid AS (
    SELECT
        line.grant_id,
        line.board_id,
        sum(line.amount_sek) AS salary_sek
    FROM line
    INNER JOIN given_word ON line.cost_kind = given_word.words
    INNER JOIN given_salary_kind
        ON
            line.grant_id = given_salary_kind.grant_id
            AND given_word.word_key = given_salary_kind.cost_kind_key
    WHERE line.is_eligible
    GROUP BY line.grant_id, line.board_id
),

unit AS (
    SELECT
        month.grant_id,
        month.board_id,
        month.filled_parts,
        month.wanted_parts,
        month.vacant_month_count,
        month.vacant_in,
        coalesce(had.post_count, 0) AS post_count,
        coalesce(had.current_count, 0) AS current_count,
        coalesce(had.staying_count, 0) AS staying_count,
        coalesce(had.ending_count, 0) AS ending_count,
        coalesce(paid.salary_sek, 0)::DECIMAL(18, 2) AS salary_sek
    FROM month
    LEFT JOIN had USING (grant_id, board_id)
    LEFT JOIN paid USING (grant_id, board_id)
),

everyone AS (
    SELECT * FROM unit
    UNION ALL BY NAME
    SELECT
        grant_id,
        NULL AS board_id,
        sum(filled_parts) AS filled_parts,
        sum(wanted_parts) AS wanted_parts,
        sum(vacant_month_count)::INTEGER AS vacant_month_count,
        sum(post_count)::INTEGER AS post_count,
        sum(current_count)::INTEGER AS current_count,
        sum(staying_count)::INTEGER AS staying_count,
        sum(ending_count)::INTEGER AS ending_count,
        sum(salary_sek)::DECIMAL(18, 2) AS salary_sek
    FROM unit
    GROUP BY grant_id
)

SELECT
    grant_id,
    board_id,
    concat_ws('.', board_id, 'tjanster') AS subject,
    post_count,
    current_count,
    staying_count,
    ending_count,
    (current_count - staying_count - ending_count)::INTEGER AS unsaid_count,
    months_of(filled_parts) AS filled_months,
    months_of(wanted_parts) AS wanted_months,
    vacant_month_count,
    vacant_in,
    salary_sek,
    -- 12 months, and 377 580 times the 10 000 that a month of one whole post is in parts
    CASE
        WHEN filled_parts > 0
            THEN (
                sign(salary_sek)::INTEGER
                * (
                    ((abs(salary_sek) * 100)::HUGEINT * 12 * 377580 * 10000 + filled_parts * 50)
                    // (filled_parts * 100)
                )
            )::DECIMAL(18, 2)
    END AS whole_post_sek
FROM everyone
