-- One row per grant, cost in the extracts of the accounts that lie with its returns: the unit whose it is, and whether
-- it is the grant's, by its project and the terms of its separate accounts (contract 6). The same booking in two
-- extracts, with its voucher written in whatever way, is one, also where one of them doesn't say the activity. What an
-- account holds counts only for a unit of which there is nothing else, and the last that is told of it in a year.
WITH wanted AS (
    SELECT
        grant_id,
        list(code) FILTER (WHERE kind = 'project') AS projects,
        list(code) FILTER (WHERE kind = 'activity') AS activities,
        list(code) FILTER (WHERE kind = 'responsibility') AS responsibilities,
        list(code) FILTER (WHERE kind = 'cost_account') AS accounts
    FROM given_separate_code
    GROUP BY grant_id
),

numbered AS (
    SELECT
        given_extract.grant_id,
        given_booking.*,
        voucher_series(given_booking.voucher) AS series,
        voucher_number(given_booking.voucher) AS number,
        coalesce(given_booking.activity, '') <> '' AS is_with_activity,
        row_number() OVER (
            PARTITION BY
                given_booking.file, series, number, given_booking.booked_on, given_booking.account,
                given_booking.responsibility, given_booking.project, given_booking.amount_sek,
                given_booking.is_balance
            ORDER BY is_with_activity DESC, given_booking.position
        ) AS occurrence_of_any,
        row_number() OVER (
            PARTITION BY
                given_booking.file, series, number, given_booking.booked_on, given_booking.account,
                given_booking.responsibility, given_booking.project, given_booking.activity,
                given_booking.amount_sek, given_booking.is_balance
            ORDER BY given_booking.position
        ) AS occurrence_of_activity,
        CASE WHEN is_with_activity THEN occurrence_of_activity ELSE occurrence_of_any END AS occurrence
    FROM given_extract
    INNER JOIN given_booking USING (file)
    INNER JOIN given_separate_accounts USING (grant_id)
    INNER JOIN wanted USING (grant_id)
    WHERE list_bool_or([starts_with(given_booking.account, code) FOR code IN wanted.accounts])
),

once AS (
    SELECT numbered.*
    FROM numbered
    ANTI JOIN numbered AS other
        ON
            NOT numbered.is_with_activity
            AND other.is_with_activity
            AND numbered.file <> other.file
            AND numbered.grant_id = other.grant_id
            AND numbered.series IS NOT DISTINCT FROM other.series
            AND numbered.number IS NOT DISTINCT FROM other.number
            AND numbered.booked_on = other.booked_on
            AND numbered.account = other.account
            AND numbered.responsibility = other.responsibility
            AND numbered.project = other.project
            AND numbered.amount_sek = other.amount_sek
            AND numbered.is_balance = other.is_balance
            AND numbered.occurrence_of_any = other.occurrence_of_any
    QUALIFY
        row_number() OVER (
            PARTITION BY
                numbered.grant_id, numbered.series, numbered.number, numbered.booked_on, numbered.account,
                numbered.responsibility, numbered.project, numbered.activity, numbered.amount_sek,
                numbered.is_balance, numbered.occurrence
            ORDER BY numbered.file
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

coded AS (
    SELECT
        once.*,
        owner.board_id,
        once.booked_on > given_grant.period_end_on AS is_late,
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
    INNER JOIN given_grant USING (grant_id)
    INNER JOIN wanted USING (grant_id)
    LEFT JOIN owner USING (grant_id, responsibility)
),

-- What an account held on an earlier day of the year is told anew.
renewed AS (
    SELECT
        *,
        is_balance AND NOT is_late AND booked_on < max(booked_on) FILTER (WHERE is_balance AND NOT is_late) OVER (
            PARTITION BY grant_id, responsibility, year(booked_on)
        ) AS is_outdated
    FROM coded
)

SELECT
    grant_id,
    row_number() OVER (PARTITION BY grant_id ORDER BY file, position) AS booking_no,
    board_id,
    file,
    sheet,
    place,
    voucher,
    series,
    number,
    booked_on,
    account,
    responsibility,
    project,
    amount_sek,
    is_balance,
    is_late,
    coalesce(
        is_of_project AND NOT is_outdated AND NOT (
            is_balance
            AND bool_or(NOT is_balance) OVER (PARTITION BY grant_id, board_id, is_of_project)
        ),
        FALSE
    ) AS is_of_grant
FROM renewed
