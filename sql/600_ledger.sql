-- What the repayment ledger (reskontra) is told: one grant, one filed report, one day. The only DDL of the ledger: its
-- database lives in memory for as long as it is reckoned. A board_id of null is the city's account with the agency.

CREATE TABLE given_ledger ( -- one row
    as_of_on DATE NOT NULL,
    filed_on DATE NOT NULL, -- the as-of day of the filed report
    basis VARCHAR NOT NULL,
    unallocated_sek DECIMAL(18, 2) NOT NULL,
    set_off_sek DECIMAL(18, 2) NOT NULL,
    basis_sek DECIMAL(18, 2) NOT NULL, -- on the basis that is filed, before the rounding
    to_repay_sek DECIMAL(18, 2) NOT NULL,
    grounds_clause VARCHAR NOT NULL, -- where the terms on the grounds for repayment, and on its basis, come from
    basis_clause VARCHAR NOT NULL
);
CREATE TABLE given_account (
    board_id VARCHAR,
    is_held BOOLEAN NOT NULL -- the filed report holds the board: what it owes is not determined
);
CREATE TABLE given_liability ( -- per board and component; component_id null: the board taken as one
    board_id VARCHAR NOT NULL,
    component_id VARCHAR,
    is_missing BOOLEAN NOT NULL,
    ineligible_sek DECIMAL(18, 2), -- null, like the liability: held
    liability_sek DECIMAL(18, 2)
);
CREATE TABLE given_entry (
    entry_no INTEGER PRIMARY KEY,
    board_id VARCHAR,
    kind VARCHAR NOT NULL, -- claim, payment, interest_payment, relief
    ground VARCHAR,
    amount_sek DECIMAL(18, 2) NOT NULL,
    entered_on DATE NOT NULL,
    due_on DATE,
    reference VARCHAR NOT NULL,
    entered_by VARCHAR NOT NULL,
    why VARCHAR
);
CREATE TABLE given_interest ( -- one row where the grant's terms state an interest, else none
    margin_percent DECIMAL(9, 4) NOT NULL, -- what is added to each rate
    days_per_year INTEGER NOT NULL
);
CREATE TABLE given_rate ( -- a stated rate has one row for all days
    from_on DATE PRIMARY KEY,
    to_on DATE NOT NULL,
    percent DECIMAL(9, 4) NOT NULL,
    source VARCHAR NOT NULL
);
