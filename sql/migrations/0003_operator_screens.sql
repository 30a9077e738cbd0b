-- What the operator screens ask for: batches of commands that can be paused, balances that are kept instead of summed up,
-- the price of a sale, and searches whose cost does not grow with the property.

-- ---- batches of commands ------------------------------------------------------------------------
-- A command of a paused batch waits, and no collector claims it. Its expiry goes on.
ALTER TABLE command ADD COLUMN held boolean NOT NULL DEFAULT false;
DROP INDEX command_batch;
CREATE INDEX command_batch_member ON command (property_id, batch_id, command_id) WHERE batch_id IS NOT NULL;

CREATE TABLE command_batch (
    property_id   bigint NOT NULL REFERENCES property,
    batch_id      uuid NOT NULL,
    number        bigint GENERATED ALWAYS AS IDENTITY,   -- the order in which they were made
    kind          text NOT NULL,
    arguments     jsonb NOT NULL DEFAULT '{}',
    state         text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'paused', 'stopped')),
    operator_id   bigint,
    created_at    timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz NOT NULL,
    total         int NOT NULL CHECK (total >= 0),
    skipped_count int NOT NULL DEFAULT 0 CHECK (skipped_count >= 0),
    skipped       jsonb NOT NULL DEFAULT '[]',           -- the first 200: meter_id, meter_code, unit_code, reason, text
    retry_of      uuid,                                  -- the batch whose failures this one repeats
    PRIMARY KEY (property_id, batch_id)
);
CREATE UNIQUE INDEX command_batch_number ON command_batch (property_id, number);
CREATE INDEX command_batch_retry ON command_batch (property_id, retry_of) WHERE retry_of IS NOT NULL;

INSERT INTO command_batch (property_id, batch_id, kind, arguments, operator_id, created_at, expires_at, total)
SELECT property_id, batch_id, min(kind), (array_agg(arguments ORDER BY command_id))[1], min(operator_id), min(created_at),
       max(expires_at), count(*)
  FROM command WHERE batch_id IS NOT NULL GROUP BY property_id, batch_id ORDER BY min(command_id);

-- ---- balances -----------------------------------------------------------------------------------
-- The sums of an account's postings, kept as postings are added: a page of accounts must not read years of bookings. As people say
-- it: what the tenant owns is positive. meter_id 0: entries that name no meter (a payout). The journal stays the truth.
CREATE TABLE account_balance (
    property_id       bigint NOT NULL REFERENCES property,
    account_id        bigint NOT NULL,
    meter_id          bigint NOT NULL,
    prepaid_credit_e4 bigint NOT NULL,
    in_flight_e4      bigint NOT NULL,
    unallocated_e4    bigint NOT NULL,
    refund_payable_e4 bigint NOT NULL,
    consumed_e4       bigint NOT NULL,
    PRIMARY KEY (property_id, account_id, meter_id)
) WITH (fillfactor = 80);

CREATE FUNCTION keep_account_balances() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = wutong, pg_temp AS
$$
BEGIN
    -- In key order, so that two bookings of the same accounts can't wait for each other in a circle.
    INSERT INTO account_balance AS b (property_id, account_id, meter_id, prepaid_credit_e4, in_flight_e4, unallocated_e4,
                                      refund_payable_e4, consumed_e4)
    SELECT n.property_id, n.owner_id, COALESCE(e.meter_id, 0),
           COALESCE(-sum(n.amount_e4) FILTER (WHERE n.account = 'prepaid_credit'), 0),
           COALESCE(-sum(n.amount_e4) FILTER (WHERE n.account = 'credit_in_flight'), 0),
           COALESCE(-sum(n.amount_e4) FILTER (WHERE n.account = 'unallocated_credit'), 0),
           COALESCE(-sum(n.amount_e4) FILTER (WHERE n.account = 'refund_payable'), 0),
           COALESCE(sum(n.amount_e4) FILTER (WHERE n.account = 'prepaid_credit' AND e.kind = 'consumption'), 0)
      FROM added n JOIN journal_entry e ON e.property_id = n.property_id AND e.entry_id = n.entry_id
     WHERE n.account IN ('prepaid_credit', 'credit_in_flight', 'unallocated_credit', 'refund_payable')
     GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (property_id, account_id, meter_id) DO UPDATE SET
        prepaid_credit_e4 = b.prepaid_credit_e4 + excluded.prepaid_credit_e4,
        in_flight_e4 = b.in_flight_e4 + excluded.in_flight_e4,
        unallocated_e4 = b.unallocated_e4 + excluded.unallocated_e4,
        refund_payable_e4 = b.refund_payable_e4 + excluded.refund_payable_e4,
        consumed_e4 = b.consumed_e4 + excluded.consumed_e4;
    RETURN NULL;
END
$$;

INSERT INTO account_balance (property_id, account_id, meter_id, prepaid_credit_e4, in_flight_e4, unallocated_e4, refund_payable_e4, consumed_e4)
SELECT p.property_id, p.owner_id, COALESCE(e.meter_id, 0),
       COALESCE(-sum(p.amount_e4) FILTER (WHERE p.account = 'prepaid_credit'), 0),
       COALESCE(-sum(p.amount_e4) FILTER (WHERE p.account = 'credit_in_flight'), 0),
       COALESCE(-sum(p.amount_e4) FILTER (WHERE p.account = 'unallocated_credit'), 0),
       COALESCE(-sum(p.amount_e4) FILTER (WHERE p.account = 'refund_payable'), 0),
       COALESCE(sum(p.amount_e4) FILTER (WHERE p.account = 'prepaid_credit' AND e.kind = 'consumption'), 0)
  FROM posting p JOIN journal_entry e ON e.property_id = p.property_id AND e.entry_id = p.entry_id
 WHERE p.account IN ('prepaid_credit', 'credit_in_flight', 'unallocated_credit', 'refund_payable')
 GROUP BY 1, 2, 3;

CREATE TRIGGER posting_balances AFTER INSERT ON posting REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION keep_account_balances();

-- ---- sales --------------------------------------------------------------------------------------
-- What a kilowatt-hour cost when it was sold, for the receipt. Null: sold before it was kept.
ALTER TABLE sale ADD COLUMN price_e4 bigint CHECK (price_e4 >= 0);
CREATE INDEX sale_meter ON sale (property_id, meter_id, sale_id);
CREATE INDEX journal_entry_payout ON journal_entry (property_id, booked_at) WHERE kind = 'refund_payout';

-- ---- lists and searches -------------------------------------------------------------------------
CREATE INDEX account_state ON account (property_id, state, account_id);
CREATE INDEX alarm_time ON alarm (property_id, raised_at);
CREATE INDEX unit_name_trgm ON unit USING gin (name public.gin_trgm_ops);

-- Accounts by part of their number, of the customer's name or phone, of a linked meter's or its unit's code. Each way of finding
-- one is cut to the page by itself, so that a search that fits a million accounts costs a page. Dynamic, so that each search is
-- planned for its pattern, and for its direction.
DROP FUNCTION search_accounts(text, bigint[], bigint, int);
CREATE FUNCTION search_accounts(pattern text, property bigint, only_state text, after bigint, newest_first boolean, row_limit int)
RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = wutong, public, pg_temp AS
$$
DECLARE
    cut text := format('AND a.account_id %s $3 AND ($4 IS NULL OR a.state = $4) ORDER BY a.account_id %s LIMIT $5',
                       CASE WHEN newest_first THEN '<' ELSE '>' END, CASE WHEN newest_first THEN 'DESC' ELSE '' END);
BEGIN
    -- Whatever the caller asks for: never past the wall of the running transaction.
    IF NOT property = ANY (allowed_properties()) THEN
        RETURN;
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT hit.account_id FROM ('
        '(SELECT a.account_id FROM account a WHERE a.property_id = $1 AND a.number ILIKE $2 %1$s) UNION '
        '(SELECT a.account_id FROM customer c JOIN account a USING (property_id, customer_id) '
        ' WHERE a.property_id = $1 AND c.name ILIKE $2 %1$s) UNION '
        '(SELECT a.account_id FROM customer c JOIN account a USING (property_id, customer_id) '
        ' WHERE a.property_id = $1 AND c.phone ILIKE $2 %1$s) UNION '
        '(SELECT a.account_id FROM meter m JOIN account_meter am USING (property_id, meter_id) JOIN account a USING (property_id, account_id) '
        ' WHERE a.property_id = $1 AND am.unlinked_at IS NULL AND m.code ILIKE $2 %1$s) UNION '
        '(SELECT a.account_id FROM unit u JOIN meter m USING (property_id, unit_id) JOIN account_meter am USING (property_id, meter_id) '
        ' JOIN account a USING (property_id, account_id) '
        ' WHERE a.property_id = $1 AND am.unlinked_at IS NULL AND u.code ILIKE $2 %1$s)) AS hit '
        'ORDER BY hit.account_id %2$s LIMIT $5', cut, CASE WHEN newest_first THEN 'DESC' ELSE '' END)
    USING property, pattern, after, only_state, least(row_limit, 1000);
END
$$;

-- Customers by part of name or phone, or of what belongs to them: account number, unit code, meter code. Newest first.
CREATE FUNCTION search_customers(pattern text, property bigint, before bigint, row_limit int)
RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = wutong, public, pg_temp AS
$$
DECLARE
    cut text := 'AND c.customer_id < $3 ORDER BY c.customer_id DESC LIMIT $4';
BEGIN
    IF NOT property = ANY (allowed_properties()) THEN
        RETURN;
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT hit.customer_id FROM ('
        '(SELECT c.customer_id FROM customer c WHERE c.property_id = $1 AND c.name ILIKE $2 %1$s) UNION '
        '(SELECT c.customer_id FROM customer c WHERE c.property_id = $1 AND c.phone ILIKE $2 %1$s) UNION '
        '(SELECT c.customer_id FROM account a JOIN customer c USING (property_id, customer_id) '
        ' WHERE c.property_id = $1 AND a.number ILIKE $2 %1$s) UNION '
        '(SELECT c.customer_id FROM unit u JOIN meter m USING (property_id, unit_id) JOIN account_meter am USING (property_id, meter_id) '
        ' JOIN account a USING (property_id, account_id) JOIN customer c USING (property_id, customer_id) '
        ' WHERE c.property_id = $1 AND am.unlinked_at IS NULL AND u.code ILIKE $2 %1$s) UNION '
        '(SELECT c.customer_id FROM meter m JOIN account_meter am USING (property_id, meter_id) '
        ' JOIN account a USING (property_id, account_id) JOIN customer c USING (property_id, customer_id) '
        ' WHERE c.property_id = $1 AND am.unlinked_at IS NULL AND m.code ILIKE $2 %1$s)) AS hit '
        'ORDER BY hit.customer_id DESC LIMIT $4', cut)
    USING property, pattern, before, least(row_limit, 1000);
END
$$;

-- Whatever is called so: what is exactly so (rank 0), begins so (1), contains it (2); of each kind and rank at most row_limit.
-- `text` comes with % _ and \ escaped. Below three characters an index can find beginnings only.
CREATE FUNCTION find_anything(what text, characters int, property bigint, row_limit int)
RETURNS TABLE (kind text, id bigint, rank int, title text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = wutong, public, pg_temp AS
$$
DECLARE
    place record;
    step  int;
BEGIN
    IF NOT property = ANY (allowed_properties()) THEN
        RETURN;
    END IF;
    FOR place IN SELECT * FROM (VALUES ('meter', 'meter', 'meter_id', 'code'), ('meter', 'meter', 'meter_id', 'serial_number'),
                                       ('unit', 'unit', 'unit_id', 'code'), ('unit', 'unit', 'unit_id', 'name'),
                                       ('account', 'account', 'account_id', 'number'),
                                       ('customer', 'customer', 'customer_id', 'name'), ('customer', 'customer', 'customer_id', 'phone'))
                     AS places(kind, relation, key, name) LOOP
        FOR step IN 0 .. CASE WHEN characters >= 3 THEN 2 ELSE 1 END LOOP
            RETURN QUERY EXECUTE format('SELECT %L, %I, $3, %I FROM %I WHERE property_id = $1 AND %I ILIKE $2 LIMIT $4',
                                        place.kind, place.key, place.name, place.relation, place.name)
            USING property, CASE step WHEN 0 THEN what WHEN 1 THEN what || '%' ELSE '%' || what || '%' END, step, least(row_limit, 1000);
        END LOOP;
    END LOOP;
END
$$;

-- ---- walls and privileges -----------------------------------------------------------------------
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['command_batch', 'account_balance'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY property_wall ON %I USING (property_id = ANY (allowed_properties())) '
                       'WITH CHECK (property_id = ANY (allowed_properties()))', t);
    END LOOP;
END
$$;

REVOKE EXECUTE ON FUNCTION search_accounts(text, bigint, text, bigint, boolean, int), search_customers(text, bigint, bigint, int),
    find_anything(text, int, bigint, int), keep_account_balances() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_accounts(text, bigint, text, bigint, boolean, int), search_customers(text, bigint, bigint, int),
    find_anything(text, int, bigint, int) TO wutong_server;
GRANT SELECT, INSERT, UPDATE ON command_batch TO wutong_server;
-- The collector looks at what is left when it closes an account.
GRANT SELECT ON account_balance TO wutong_server, wutong_collector;
