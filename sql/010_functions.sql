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
