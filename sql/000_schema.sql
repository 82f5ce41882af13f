-- The only DDL of tables that stay. Results are made by the steps; each is named after its file and replaced by a run.

CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL);

-- raw_*: everything ever taken in. One reading is one file read in one way; the same reading is kept once.
CREATE TABLE IF NOT EXISTS raw_reading (
    reading_id VARCHAR PRIMARY KEY,
    sha256 VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    size_bytes BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS raw_cell (
    reading_id VARCHAR NOT NULL,
    part VARCHAR NOT NULL, -- header, costs, activities, posts, measures, questions
    sheet VARCHAR NOT NULL,
    row_no INTEGER NOT NULL, -- 0 for the header
    column_name VARCHAR NOT NULL,
    cell VARCHAR NOT NULL,
    raw VARCHAR NOT NULL, -- what stands in the cell, personal numbers masked
    reading VARCHAR NOT NULL,
    amount_sek DECIMAL(18, 2),
    day_on DATE,
    words VARCHAR
);

-- run_*: what each run was asked and which files it read.
CREATE TABLE IF NOT EXISTS run (
    run_no INTEGER PRIMARY KEY,
    as_of_on DATE NOT NULL,
    is_final BOOLEAN NOT NULL,
    program_version VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS run_file (
    run_no INTEGER NOT NULL,
    file VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL,
    reading_id VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS run_grant (
    run_no INTEGER NOT NULL,
    grant_id VARCHAR NOT NULL,
    period_end_on DATE NOT NULL
);
ALTER TABLE run_grant ADD COLUMN IF NOT EXISTS report_id VARCHAR; -- the interim report that the run was for
CREATE TABLE IF NOT EXISTS run_data_file ( -- the files of the decisions, as they were
    run_no INTEGER NOT NULL,
    position INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL,
    size_bytes BIGINT NOT NULL
);

-- given_*: what this run is told, replaced by each run: the decisions as of its day, its files and the GX findings.
CREATE OR REPLACE TABLE given_grant (
    grant_id VARCHAR PRIMARY KEY,
    as_of_on DATE NOT NULL,
    period_end_on DATE NOT NULL,
    is_final BOOLEAN NOT NULL,
    total_sek DECIMAL(18, 2), -- null: nobody knows it, so no board's part is known either
    spend_from_on DATE NOT NULL,
    spend_to_on DATE NOT NULL,
    liability_basis VARCHAR NOT NULL,
    is_earmarked BOOLEAN NOT NULL,
    carry_rule VARCHAR, -- what goes over to the next year: inget, allt, andel; null where no decision says the year
    carry_share DECIMAL(9, 4), -- of the year's allocation, where the rule is andel
    act_unspent_share DECIMAL(9, 4) NOT NULL,
    act_unspent_sek DECIMAL(18, 2) NOT NULL,
    act_days_left INTEGER NOT NULL,
    act_used_numerator INTEGER NOT NULL,
    act_used_denominator INTEGER NOT NULL,
    watch_unspent_share DECIMAL(9, 4) NOT NULL,
    is_percent_cut BOOLEAN NOT NULL -- whether shares of answers are cut to whole per cent, and not rounded
);
CREATE OR REPLACE TABLE given_component (
    grant_id VARCHAR NOT NULL,
    component_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (grant_id, component_id)
);
CREATE OR REPLACE TABLE given_area (
    grant_id VARCHAR NOT NULL,
    area_key VARCHAR NOT NULL,
    area VARCHAR NOT NULL,
    component_id VARCHAR, -- null: the area belongs to no component
    position INTEGER NOT NULL,
    PRIMARY KEY (grant_id, area_key)
);
CREATE OR REPLACE TABLE given_target_area (
    grant_id VARCHAR NOT NULL,
    target_area_key VARCHAR NOT NULL,
    target_area VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (grant_id, target_area_key)
);
CREATE OR REPLACE TABLE given_cost_kind (
    grant_id VARCHAR NOT NULL,
    cost_kind_key VARCHAR NOT NULL,
    PRIMARY KEY (grant_id, cost_kind_key)
);
CREATE OR REPLACE TABLE given_year ( -- the years that the decisions of a grant are for, where they say so
    grant_id VARCHAR NOT NULL,
    year_no INTEGER NOT NULL, -- from 1
    from_on DATE NOT NULL,
    to_on DATE NOT NULL,
    is_last BOOLEAN NOT NULL,
    PRIMARY KEY (grant_id, year_no)
);
CREATE OR REPLACE TABLE given_decision (
    grant_id VARCHAR NOT NULL,
    decision_id VARCHAR NOT NULL,
    decided_on DATE NOT NULL,
    decided_by VARCHAR NOT NULL,
    board_id VARCHAR NOT NULL,
    component_id VARCHAR NOT NULL,
    year_no INTEGER NOT NULL, -- 0: for the whole grant
    amount_sek DECIMAL(18, 2) NOT NULL,
    PRIMARY KEY (grant_id, decided_on, board_id, component_id, year_no)
);
CREATE OR REPLACE TABLE given_board ( -- the register of boards, the same for every grant
    board_id VARCHAR PRIMARY KEY,
    name VARCHAR NOT NULL,
    first_on DATE, -- its first and last day, where they are known
    last_on DATE,
    successor_id VARCHAR, -- the board that it became
    level_id VARCHAR, -- nämnd, kommun, region, län, ...
    above_id VARCHAR -- the recipient on a higher level that it is a part of
);
CREATE OR REPLACE TABLE given_file (
    file VARCHAR PRIMARY KEY,
    sha256 VARCHAR NOT NULL,
    size_bytes BIGINT NOT NULL,
    kind VARCHAR NOT NULL,
    reading_id VARCHAR NOT NULL,
    grant_id VARCHAR,
    sender_id VARCHAR
);
CREATE OR REPLACE TABLE given_recount ( -- what a second reader found in a file
    file VARCHAR PRIMARY KEY,
    line_count INTEGER NOT NULL,
    amount_sek DECIMAL(18, 2) NOT NULL
);
CREATE OR REPLACE TABLE given_word ( -- what two spellings of a code have in common
    words VARCHAR PRIMARY KEY,
    word_key VARCHAR NOT NULL
);
CREATE OR REPLACE TABLE given_pledge ( -- what a decision promises
    grant_id VARCHAR NOT NULL,
    pledge_id VARCHAR NOT NULL,
    board_count INTEGER NOT NULL,
    area_key VARCHAR NOT NULL, -- a row for each area that will do
    sentence VARCHAR NOT NULL,
    position INTEGER NOT NULL
);
CREATE OR REPLACE TABLE given_measure ( -- a row that each board is asked to fill in: a measure, a year, all or a part
    grant_id VARCHAR NOT NULL,
    asked_no INTEGER NOT NULL, -- from 1, in the order that they are asked for
    measure_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    is_rating BOOLEAN NOT NULL,
    year_no INTEGER NOT NULL, -- from 1
    from_on DATE NOT NULL,
    to_on DATE NOT NULL,
    split_no INTEGER NOT NULL, -- from 1, of the measure's; 0: all together
    split VARCHAR, -- null: all together
    part_no INTEGER NOT NULL, -- from 1, of the split's; 0: all together
    part VARCHAR NOT NULL,
    is_by_sex BOOLEAN NOT NULL,
    measure_key VARCHAR NOT NULL, -- what stands in a return, as it is compared
    year_key VARCHAR NOT NULL,
    split_key VARCHAR NOT NULL,
    part_key VARCHAR NOT NULL,
    PRIMARY KEY (grant_id, asked_no)
);
CREATE OR REPLACE TABLE given_question ( -- what each unit is asked to answer about itself: a question and a year
    grant_id VARCHAR NOT NULL,
    asked_no INTEGER NOT NULL, -- from 1, in the order that they are asked
    question_id VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    is_number BOOLEAN NOT NULL, -- answered with a number, and not with yes or no
    unit VARCHAR, -- what a number counts; null of yes or no
    year_no INTEGER NOT NULL, -- from 1
    from_on DATE NOT NULL,
    to_on DATE NOT NULL,
    question_key VARCHAR NOT NULL, -- what stands in a return, as it is compared
    year_key VARCHAR NOT NULL,
    PRIMARY KEY (grant_id, asked_no)
);
CREATE OR REPLACE TABLE given_posts ( -- how many whole posts each board is to have, where the terms say so
    grant_id VARCHAR PRIMARY KEY,
    least_count DECIMAL(9, 2) NOT NULL
);
CREATE OR REPLACE TABLE given_salary_kind ( -- the kinds of cost that are salaries of the posts
    grant_id VARCHAR NOT NULL,
    cost_kind_key VARCHAR NOT NULL,
    PRIMARY KEY (grant_id, cost_kind_key)
);
CREATE OR REPLACE TABLE given_separate_accounts ( -- by what the accounts are known to be a grant's (särredovisning)
    grant_id VARCHAR PRIMARY KEY,
    limit_sek DECIMAL(18, 2) NOT NULL, -- what may lack support in the accounts
    most_days INTEGER NOT NULL -- between a line and a booking that are found by their amount alone
);
CREATE OR REPLACE TABLE given_separate_code (
    grant_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL, -- project, activity, responsibility, cost_account, salary_account, kind_account
    code VARCHAR NOT NULL, -- a project as it stands; of the others what they begin with
    cost_kind_key VARCHAR -- of the accounts that are for one kind of cost
);
CREATE OR REPLACE TABLE given_board_code ( -- what a board's cost centres begin with
    board_id VARCHAR NOT NULL,
    code VARCHAR PRIMARY KEY
);
CREATE OR REPLACE TABLE given_extract ( -- an extract of the accounts; what it holds is in given_booking
    file VARCHAR PRIMARY KEY,
    grant_id VARCHAR, -- null: it lies in no grant's folder
    sha256 VARCHAR NOT NULL,
    size_bytes BIGINT NOT NULL
);
CREATE OR REPLACE TABLE given_booking (
    file VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    sheet VARCHAR NOT NULL,
    place VARCHAR NOT NULL,
    voucher VARCHAR NOT NULL,
    booked_on DATE NOT NULL,
    account VARCHAR NOT NULL,
    responsibility VARCHAR NOT NULL,
    project VARCHAR NOT NULL,
    activity VARCHAR NOT NULL,
    amount_sek DECIMAL(18, 2) NOT NULL,
    is_balance BOOLEAN NOT NULL
);
CREATE OR REPLACE TABLE finding (
    finding_no INTEGER PRIMARY KEY,
    rule_id VARCHAR NOT NULL,
    severity VARCHAR NOT NULL,
    grant_id VARCHAR,
    board_id VARCHAR,
    file VARCHAR,
    sheet VARCHAR,
    cells VARCHAR[] NOT NULL,
    seen VARCHAR,
    message VARCHAR NOT NULL,
    remedy VARCHAR NOT NULL,
    source VARCHAR NOT NULL
);
