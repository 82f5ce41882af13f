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

-- A voucher's number is the same however it is written: only its figures count, without blanks and the zeros before
-- them ("A 000 123", "a-123"). Its series is the letters, without the word for voucher. Null where it has none.
CREATE OR REPLACE MACRO voucher_number(voucher) AS (
    nullif(
        array_to_string(
            list_transform(
                regexp_extract_all(regexp_replace(voucher, '\s', '', 'g'), '[0-9]+'),
                LAMBDA figures: ltrim(figures, '0')
            ),
            '-'
        ),
        ''
    )
);
CREATE OR REPLACE MACRO voucher_series(voucher) AS (
    nullif(
        regexp_replace(
            regexp_replace(lower(voucher), '\b(verifikation|verifikat|ver|vernr|nr)\b', '', 'g'),
            '[^a-zåäöéü]', '', 'g'
        ),
        ''
    )
);
