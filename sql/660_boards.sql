-- One row: the boards' accounts with the committee together. What is not determined is counted, not summed.
SELECT
    coalesce(sum(computed_sek), 0)::DECIMAL(18, 2) AS computed_sek,
    sum(claimed_sek)::DECIMAL(18, 2) AS claimed_sek,
    coalesce(sum(relief_sek), 0)::DECIMAL(18, 2) AS relief_sek,
    coalesce(sum(to_pay_sek), 0)::DECIMAL(18, 2) AS to_pay_sek,
    coalesce(sum(paid_sek), 0)::DECIMAL(18, 2) AS paid_sek,
    coalesce(sum(remaining_sek), 0)::DECIMAL(18, 2) AS remaining_sek,
    coalesce(sum(CASE WHEN to_pay_sek IS NULL THEN 1 END), 0)::INTEGER AS undetermined_count
FROM account
WHERE board_id IS NOT NULL
