-- A part of a whole, four decimals, half away from zero; whole hundredths divide, so that no binary fraction rounds.
-- The linter takes the parameters for types.
-- noqa: disable=CP05
CREATE OR REPLACE MACRO share_of(part, whole) AS (
    sign(part)::INTEGER
    * (
        ((abs(part)::DECIMAL(38, 2) * 100)::HUGEINT * 20000 + (whole::DECIMAL(38, 2) * 100)::HUGEINT)
        // (2 * (whole::DECIMAL(38, 2) * 100)::HUGEINT)
    )::DECIMAL(18, 0)
    * 0.0001
)::DECIMAL(18, 4);

-- A part of a whole in whole per cent, half up, or cut: only counts, so whole numbers divide (contract 7).
CREATE OR REPLACE MACRO whole_share_of(part, whole, is_cut) AS (
    CASE
        WHEN is_cut THEN part::HUGEINT * 100 // whole::HUGEINT
        ELSE (part::HUGEINT * 200 + whole::HUGEINT) // (2 * whole::HUGEINT)
    END::DECIMAL(16, 0)
    * 0.01
)::DECIMAL(18, 4);

-- A part of an amount in whole öre, half down: the one place where a share of money becomes money (contract 7). A share
-- has four decimals, so that whole ten-thousandths of an öre divide.
CREATE OR REPLACE MACRO amount_of(share, whole_sek) AS (
    (
        (
            (share::DECIMAL(9, 4) * 10000)::HUGEINT * (whole_sek::DECIMAL(38, 2) * 100)::HUGEINT + 4999
        ) // 10000
    )::DECIMAL(18, 0)
    * 0.01
)::DECIMAL(18, 2);

-- An amount, and 0 for one below zero. greatest() would say 0 of an amount that isn't known.
CREATE OR REPLACE MACRO at_least_zero(amount_sek) AS (
    CASE WHEN amount_sek < 0 THEN 0 ELSE amount_sek END
)::DECIMAL(18, 2);

-- What goes over to the next year of what is left of one, by the grant's rule (contract 7).
CREATE OR REPLACE MACRO carried_over(carry_rule, carry_share, allocated_sek, left_sek) AS (
    CASE carry_rule
        WHEN 'allt' THEN left_sek
        WHEN 'andel' THEN CASE WHEN left_sek IS NOT NULL THEN least(left_sek, amount_of(carry_share, allocated_sek)) END
        WHEN 'inget' THEN 0 * left_sek
    END
)::DECIMAL(18, 2);

-- Months with two decimals, half up, of parts of which one month of a whole post is 377 580 times 10 000.
CREATE OR REPLACE MACRO months_of(parts) AS (
    ((parts::HUGEINT * 2 + 37758000) // 75516000)::DECIMAL(18, 0) * 0.01
)::DECIMAL(18, 2);

-- A voucher however it is written ("A 000 123", "Ver. nr a-123"): its letters and its figures, each after a blank,
-- without the word for voucher and the zeros that come before a number.
CREATE OR REPLACE MACRO voucher_words(voucher) AS (
    regexp_replace(
        ' ' || array_to_string(
            list_filter(
                regexp_extract_all(lower(voucher), '[a-zåäöéü]+|[0-9]+'),
                LAMBDA word: word NOT IN ('verifikation', 'verifikat', 'vernr', 'ver', 'nr')
            ),
            ' '
        ),
        ' 0+', ' ', 'g'
    )
);
-- A voucher's number is its last figures. Its series is what else there is, but for a year: that is compared apart.
-- Null where it has none.
CREATE OR REPLACE MACRO voucher_number(voucher) AS (
    nullif(regexp_extract(voucher_words(voucher), '.* ([1-9][0-9]*)', 1), '')
);
CREATE OR REPLACE MACRO voucher_series(voucher) AS (
    nullif(
        replace(
            regexp_replace(
                regexp_replace(voucher_words(voucher), '(.*) [1-9][0-9]*', '\1'), ' (19|20)[0-9][0-9]( |$)', ' ', 'g'
            ),
            ' ', ''
        ),
        ''
    )
);
-- Whether a voucher that somebody states can be one that is booked: the series is the same, or left out. Figures are
-- only left out by the one who states it: "120-1" is not the booked 1.
CREATE OR REPLACE MACRO is_series_of(stated, booked) AS (
    coalesce(stated = booked, stated IS NULL OR NOT regexp_matches(stated, '[0-9]'))
);
-- Whether two days can be of the same voucher, whose number is another one's the next year.
CREATE OR REPLACE MACRO is_of_one_year(day_on, other_on, most_days) AS (
    coalesce(year(day_on) = year(other_on) OR abs(day_on - other_on) <= most_days, TRUE)
);
