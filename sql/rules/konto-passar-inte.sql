-- Lines that agree with bookings on an account that is not for their kind of cost, by the grant's terms; by file. Of a
-- pair whose lines are of several kinds nothing can be said.
WITH claimed AS (
    SELECT
        member.*,
        claim.cost_kind_key,
        min(claim.cost_kind_key) OVER pair = max(claim.cost_kind_key) OVER pair
        AND count(claim.cost_kind_key) OVER pair = count(*) OVER pair AS is_of_one_kind
    FROM member
    INNER JOIN claim
        ON
            member.grant_id = claim.grant_id
            AND member.no = claim.line_no
    WHERE member.is_line AND member.how IN ('agreed', 'likely')
    WINDOW pair AS (PARTITION BY member.grant_id, member.board_id, member.pair_no)
),

stated AS (
    SELECT
        claimed.grant_id,
        claimed.board_id,
        claimed.pair_no,
        claimed.cost_kind_key,
        claimed.file,
        claimed.sheet,
        list(claimed.cell ORDER BY claimed.no) AS cells
    FROM claimed
    SEMI JOIN given_separate_code
        ON
            claimed.grant_id = given_separate_code.grant_id
            AND given_separate_code.kind = 'kind_account'
            AND claimed.cost_kind_key = given_separate_code.cost_kind_key
    WHERE claimed.is_of_one_kind
    GROUP BY
        claimed.grant_id, claimed.board_id, claimed.pair_no, claimed.cost_kind_key, claimed.file, claimed.sheet
)

SELECT
    stated.grant_id,
    stated.board_id,
    stated.file,
    stated.sheet,
    stated.cells,
    string_agg(DISTINCT member.account, ', ' ORDER BY member.account) AS seen
FROM stated
INNER JOIN member USING (grant_id, board_id, pair_no)
ANTI JOIN given_separate_code
    ON
        member.grant_id = given_separate_code.grant_id
        AND given_separate_code.kind = 'kind_account'
        AND stated.cost_kind_key = given_separate_code.cost_kind_key
        AND starts_with(member.account, given_separate_code.code)
WHERE NOT member.is_line
GROUP BY stated.grant_id, stated.board_id, stated.pair_no, stated.file, stated.sheet, stated.cells
