-- One row per unit, voucher that is credited in the accounts and not in the return: by how much. What takes itself back
-- is left out: a voucher's own rows, and vouchers of the same amount with another sign.
WITH unreported AS (
    SELECT
        grant_id,
        board_id,
        min(no) AS first_no,
        min(voucher) AS voucher,
        sum(amount_sek)::DECIMAL(18, 2) AS amount_sek
    FROM member
    WHERE NOT is_line AND how = 'only_booked'
    GROUP BY
        grant_id,
        board_id,
        coalesce(voucher_number(voucher), 'no voucher ' || no),
        voucher_series(voucher),
        year(day_on)
),

numbered AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY grant_id, board_id, amount_sek ORDER BY first_no) AS occurrence
    FROM unreported
)

SELECT
    credit.grant_id,
    credit.board_id,
    credit.voucher,
    (-credit.amount_sek)::DECIMAL(18, 2) AS amount_sek
FROM numbered AS credit
ANTI JOIN numbered AS debit
    ON
        credit.grant_id = debit.grant_id
        AND credit.board_id = debit.board_id
        AND credit.amount_sek = -debit.amount_sek
        AND credit.occurrence = debit.occurrence
WHERE credit.amount_sek < 0
