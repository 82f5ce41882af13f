-- One row per account, item: what the filed report says is owed, why, and the term that it rests on. A board owes its
-- liability by component and ground (contract 4). The city owes the agency the same items, what was never allocated,
-- the set-off between boards where the city is one recipient, and the rounding to whole kronor; nothing else.
WITH divided AS (
    SELECT
        board_id,
        component_id,
        liability_sek,
        CASE WHEN is_missing THEN liability_sek ELSE 0 END::DECIMAL(18, 2) AS no_report_sek,
        CASE
            WHEN is_missing THEN 0
            ELSE least(greatest(0, ineligible_sek), liability_sek)
        END::DECIMAL(18, 2) AS wrong_purpose_sek
    FROM given_liability
    WHERE liability_sek IS NOT NULL
),

grounded AS (
    SELECT
        board_id,
        component_id,
        'not_used' AS ground,
        (liability_sek - wrong_purpose_sek - no_report_sek)::DECIMAL(18, 2) AS amount_sek
    FROM divided
    UNION ALL
    SELECT
        board_id,
        component_id,
        'wrong_purpose' AS ground,
        wrong_purpose_sek AS amount_sek
    FROM divided
    UNION ALL
    SELECT
        board_id,
        component_id,
        'no_report' AS ground,
        no_report_sek AS amount_sek
    FROM divided
),

item AS (
    SELECT
        board_id,
        'board' AS item,
        board_id AS from_board_id,
        component_id,
        ground,
        amount_sek
    FROM grounded
    UNION ALL
    SELECT
        NULL AS board_id,
        'board' AS item,
        board_id AS from_board_id,
        component_id,
        ground,
        amount_sek
    FROM grounded
    UNION ALL
    SELECT
        NULL AS board_id,
        'unallocated' AS item,
        NULL AS from_board_id,
        NULL AS component_id,
        'not_used' AS ground,
        unallocated_sek AS amount_sek
    FROM given_ledger
    UNION ALL
    SELECT
        NULL AS board_id,
        'set_off' AS item,
        NULL AS from_board_id,
        NULL AS component_id,
        NULL AS ground,
        -set_off_sek AS amount_sek
    FROM given_ledger
    WHERE basis = 'kommun'
    UNION ALL
    SELECT
        NULL AS board_id,
        'rounding' AS item,
        NULL AS from_board_id,
        NULL AS component_id,
        NULL AS ground,
        to_repay_sek - basis_sek AS amount_sek
    FROM given_ledger
)

SELECT
    item.board_id,
    item.item,
    item.from_board_id,
    item.component_id,
    item.ground,
    item.amount_sek::DECIMAL(18, 2) AS amount_sek,
    CASE item.item
        WHEN 'set_off' THEN given_ledger.basis_clause
        WHEN 'rounding' THEN NULL
        ELSE given_ledger.grounds_clause
    END AS clause
FROM item
CROSS JOIN given_ledger
WHERE item.amount_sek <> 0
