-- One row per grant, cost in the extracts of the accounts that lie with its returns: the unit whose it is, and whether
-- it is the grant's, by its project and the terms of its separate accounts (contract 6). The same booking in two
-- extracts, with its voucher written in whatever way, is one. What an account holds counts only for a unit of which
-- there is nothing else.
WITH numbered AS (
    SELECT
        given_extract.grant_id,
        given_booking.*,
        voucher_series(given_booking.voucher) AS series,
        voucher_number(given_booking.voucher) AS number,
        row_number() OVER (
            PARTITION BY
                given_booking.file, series, number, given_booking.booked_on, given_booking.account,
                given_booking.responsibility, given_booking.project, given_booking.amount_sek,
                given_booking.is_balance
            ORDER BY given_booking.position
        ) AS occurrence
    FROM given_extract
    INNER JOIN given_booking USING (file)
    INNER JOIN given_separate_accounts USING (grant_id)
),

once AS (
    SELECT *
    FROM numbered
    QUALIFY
        row_number() OVER (
            PARTITION BY
                grant_id, series, number, booked_on, account, responsibility, project, amount_sek, is_balance,
                occurrence
            ORDER BY activity = '', file -- the one that says the activity, where another doesn't
        ) = 1
),

-- The board with the longest code that the cost centre begins with.
owner AS (
    SELECT
        once.grant_id,
        once.responsibility,
        arg_max(accountable.board_id, length(given_board_code.code)) AS board_id
    FROM once
    INNER JOIN given_board_code ON starts_with(once.responsibility, given_board_code.code)
    INNER JOIN accountable
        ON
            once.grant_id = accountable.grant_id
            AND given_board_code.board_id = accountable.sender_id
    GROUP BY once.grant_id, once.responsibility
),

wanted AS (
    SELECT
        grant_id,
        list(code) FILTER (WHERE kind = 'project') AS projects,
        list(code) FILTER (WHERE kind = 'activity') AS activities,
        list(code) FILTER (WHERE kind = 'responsibility') AS responsibilities,
        list(code) FILTER (WHERE kind = 'cost_account') AS accounts
    FROM given_separate_code
    GROUP BY grant_id
),

coded AS (
    SELECT
        once.* EXCLUDE (occurrence),
        owner.board_id,
        list_contains(wanted.projects, once.project)
        AND (
            wanted.activities IS NULL
            OR list_bool_or([starts_with(once.activity, code) FOR code IN wanted.activities])
        )
        AND (
            wanted.responsibilities IS NULL
            OR list_bool_or([starts_with(once.responsibility, code) FOR code IN wanted.responsibilities])
        ) AS is_of_project
    FROM once
    INNER JOIN wanted USING (grant_id)
    LEFT JOIN owner USING (grant_id, responsibility)
    WHERE list_bool_or([starts_with(once.account, code) FOR code IN wanted.accounts])
)

SELECT
    coded.grant_id,
    row_number() OVER (PARTITION BY coded.grant_id ORDER BY coded.file, coded.position) AS booking_no,
    coded.board_id,
    coded.file,
    coded.sheet,
    coded.place,
    coded.voucher,
    coded.series,
    coded.number,
    coded.booked_on,
    coded.account,
    coded.responsibility,
    coded.project,
    coded.amount_sek,
    coded.is_balance,
    coded.booked_on > given_grant.period_end_on AS is_late,
    coalesce(
        coded.is_of_project AND NOT (
            coded.is_balance
            AND bool_or(NOT coded.is_balance) OVER (PARTITION BY coded.grant_id, coded.board_id, coded.is_of_project)
        ),
        FALSE
    ) AS is_of_grant
FROM coded
INNER JOIN given_grant USING (grant_id)
