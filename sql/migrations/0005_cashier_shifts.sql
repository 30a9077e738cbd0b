-- Where money is taken and by whom: vending points, cashiers' shifts, receipts without gaps, sales taken back, and quarantined
-- deliveries that two persons settle.

-- ---- vending points -----------------------------------------------------------------------------
CREATE TABLE vending_point (
    property_id bigint NOT NULL REFERENCES property,
    point_id    bigint GENERATED ALWAYS AS IDENTITY,
    code        text NOT NULL CHECK (code ~ '^[A-Za-z0-9]{1,12}$'),   -- on the receipts: never changed
    name        text NOT NULL DEFAULT '' CHECK (length(name) <= 100),
    enabled     boolean NOT NULL DEFAULT true,
    sale_max_e4 bigint CHECK (sale_max_e4 > 0),                       -- null: no limit
    day_max_e4  bigint CHECK (day_max_e4 > 0),
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (property_id, point_id)
);
CREATE UNIQUE INDEX vending_point_code ON vending_point (property_id, upper(code));

-- The last receipt of a point. A row of its own: the sale that takes a number locks it until its commit, and a sale that does not
-- happen gives its number back. Sales of other points lock other rows.
CREATE TABLE receipt_counter (
    property_id bigint NOT NULL,
    point_id    bigint NOT NULL,
    last_number bigint NOT NULL DEFAULT 0 CHECK (last_number >= 0),
    PRIMARY KEY (property_id, point_id),
    FOREIGN KEY (property_id, point_id) REFERENCES vending_point
) WITH (fillfactor = 50);

-- What one operator may take in this property. No row: no limit.
CREATE TABLE cashier_limit (
    property_id bigint NOT NULL REFERENCES property,
    operator_id bigint NOT NULL,
    sale_max_e4 bigint CHECK (sale_max_e4 > 0),
    day_max_e4  bigint CHECK (day_max_e4 > 0),
    PRIMARY KEY (property_id, operator_id)
);

-- ---- shifts -------------------------------------------------------------------------------------
CREATE TABLE cashier_shift (
    property_id bigint NOT NULL,
    shift_id    bigint GENERATED ALWAYS AS IDENTITY,
    point_id    bigint NOT NULL,
    operator_id bigint NOT NULL,
    state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
    opened_at   timestamptz NOT NULL,
    closed_at   timestamptz,
    closed_by   bigint,
    note        text NOT NULL DEFAULT '' CHECK (length(note) <= 500),
    entry_id    bigint,                                               -- what closing booked; null: there was nothing to book
    PRIMARY KEY (property_id, shift_id),
    FOREIGN KEY (property_id, point_id) REFERENCES vending_point,
    CHECK ((state = 'closed') = (closed_at IS NOT NULL))
);
CREATE UNIQUE INDEX cashier_shift_of_operator ON cashier_shift (property_id, operator_id) WHERE state = 'open';
CREATE UNIQUE INDEX cashier_shift_at_point ON cashier_shift (property_id, point_id) WHERE state = 'open';
CREATE INDEX cashier_shift_time ON cashier_shift (property_id, opened_at);

-- Float, pay-ins and pay-outs, with their reasons.
CREATE TABLE shift_cash (
    property_id bigint NOT NULL,
    shift_id    bigint NOT NULL,
    move_id     bigint GENERATED ALWAYS AS IDENTITY,
    kind        text NOT NULL CHECK (kind IN ('float', 'pay_in', 'pay_out')),
    amount_e4   bigint NOT NULL CHECK (amount_e4 > 0),
    reason      text NOT NULL DEFAULT '' CHECK (length(reason) <= 500),
    at          timestamptz NOT NULL,
    entry_id    bigint NOT NULL,
    PRIMARY KEY (property_id, shift_id, move_id),
    FOREIGN KEY (property_id, shift_id) REFERENCES cashier_shift,
    FOREIGN KEY (property_id, entry_id) REFERENCES journal_entry
);

-- What was counted at the end, beside what the books had then.
CREATE TABLE shift_count (
    property_id bigint NOT NULL,
    shift_id    bigint NOT NULL,
    method      text NOT NULL CHECK (method IN ('cash', 'card', 'transfer', 'cheque', 'online')),
    sold_e4     bigint NOT NULL,
    paid_out_e4 bigint NOT NULL,
    moved_e4    bigint NOT NULL,
    expected_e4 bigint NOT NULL,
    counted_e4  bigint NOT NULL,
    PRIMARY KEY (property_id, shift_id, method),
    FOREIGN KEY (property_id, shift_id) REFERENCES cashier_shift,
    CHECK (expected_e4 = sold_e4 - paid_out_e4 + moved_e4)
);
CREATE TRIGGER shift_cash_append_only BEFORE UPDATE OR DELETE ON shift_cash FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER shift_count_append_only BEFORE UPDATE OR DELETE ON shift_count FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- An entry belongs to the shift whose drawer it moves. Never changed: the journal is append-only.
ALTER TABLE journal_entry ADD COLUMN shift_id bigint;
CREATE INDEX journal_entry_shift ON journal_entry (property_id, shift_id, entry_id) WHERE shift_id IS NOT NULL;
ALTER TABLE journal_entry DROP CONSTRAINT journal_entry_kind_check;
ALTER TABLE journal_entry ADD CONSTRAINT journal_entry_kind_check
    CHECK (kind IN ('sale', 'delivery', 'release', 'consumption', 'refund_payout', 'reversal', 'correction', 'rounding', 'shift'));
ALTER TABLE posting DROP CONSTRAINT posting_account_check;
ALTER TABLE posting ADD CONSTRAINT posting_account_check
    CHECK (account IN ('tender', 'credit_in_flight', 'prepaid_credit', 'unallocated_credit', 'refund_payable', 'revenue', 'tax', 'charges',
                       'rounding', 'takings', 'cash_difference'));
DROP INDEX journal_entry_payout;
CREATE INDEX journal_entry_payout ON journal_entry (property_id, booked_at) WHERE kind IN ('refund_payout', 'reversal');

-- A drawer that is being counted must not be booked into meanwhile. The collector, which books a sale taken back, may not touch
-- shifts otherwise: it asks here, and the shift stays open until its transaction ends. False: closed, or no such shift.
CREATE FUNCTION hold_open_shift(property bigint, shift bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = wutong, pg_temp AS
$$
BEGIN
    PERFORM 1 FROM cashier_shift s WHERE s.property_id = property AND s.shift_id = shift AND s.state = 'open' FOR SHARE;
    RETURN FOUND;
END
$$;

-- ---- sales --------------------------------------------------------------------------------------
ALTER TABLE sale ADD COLUMN shift_id bigint;
ALTER TABLE sale ADD COLUMN point_id bigint;
ALTER TABLE sale ADD COLUMN receipt_no bigint CHECK (receipt_no > 0);      -- of the point; null: the receipt has the sale's number
ALTER TABLE sale ADD COLUMN reprints int NOT NULL DEFAULT 0 CHECK (reprints >= 0);
ALTER TABLE sale ADD COLUMN reverses_sale_id bigint;                       -- of a reversal
ALTER TABLE sale ADD CONSTRAINT sale_receipt CHECK ((receipt_no IS NULL) = (point_id IS NULL));
ALTER TABLE sale ADD CONSTRAINT sale_reverses CHECK ((kind = 'reversal') = (reverses_sale_id IS NOT NULL));
ALTER TABLE sale ADD CONSTRAINT sale_point FOREIGN KEY (property_id, point_id) REFERENCES vending_point;
ALTER TABLE sale DROP CONSTRAINT sale_kind_check;
ALTER TABLE sale ADD CONSTRAINT sale_kind_check CHECK (kind IN ('opening', 'sale', 'refund', 'reversal', 'closing'));
CREATE UNIQUE INDEX sale_receipt_no ON sale (property_id, point_id, receipt_no) WHERE point_id IS NOT NULL;
CREATE INDEX sale_point_time ON sale (property_id, point_id, sold_at) WHERE point_id IS NOT NULL;
CREATE INDEX sale_shift ON sale (property_id, shift_id, sale_id) WHERE shift_id IS NOT NULL;
CREATE INDEX sale_reversed ON sale (property_id, reverses_sale_id) WHERE reverses_sale_id IS NOT NULL;

-- ---- one operator's word on a quarantined delivery ------------------------------------------------
CREATE TABLE delivery_settlement (
    property_id bigint NOT NULL,
    delivery_id bigint NOT NULL,
    delivered   boolean NOT NULL,
    reason      text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    operator_id bigint NOT NULL,
    at          timestamptz NOT NULL,
    PRIMARY KEY (property_id, delivery_id),
    FOREIGN KEY (property_id, delivery_id) REFERENCES credit_delivery
);

-- ---- walls and privileges -----------------------------------------------------------------------
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['vending_point', 'receipt_counter', 'cashier_limit', 'cashier_shift', 'shift_cash', 'shift_count',
                             'delivery_settlement'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY property_wall ON %I USING (property_id = ANY (allowed_properties())) '
                       'WITH CHECK (property_id = ANY (allowed_properties()))', t);
    END LOOP;
END
$$;
GRANT SELECT, INSERT, UPDATE ON vending_point, receipt_counter, cashier_limit, cashier_shift TO wutong_server;
GRANT SELECT, INSERT ON shift_cash, shift_count TO wutong_server;
GRANT SELECT, INSERT, UPDATE, DELETE ON delivery_settlement TO wutong_server;
REVOKE EXECUTE ON FUNCTION hold_open_shift(bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hold_open_shift(bigint, bigint) TO wutong_server, wutong_collector;

UPDATE role SET permissions = permissions || '{point.read,shift.work}' WHERE code IN ('manager', 'cashier');
UPDATE role SET permissions = permissions || '{point.write,shift.manage}' WHERE code = 'manager';
UPDATE role SET permissions = permissions || '{point.read}' WHERE code = 'viewer';
