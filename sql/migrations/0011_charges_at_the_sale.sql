-- What a tariff plan charges besides energy on meters that charge their energy by themselves: found due with the calendar, taken out of
-- sales. What becomes due when: docs/tariffs.md. And deposits, which are no credit. What is booked: docs/money.md.

-- ---- where the charging of a meter's time on an account stands -----------------------------------
-- Written under the lock of the link (account_meter), with the lines that were found.
CREATE TABLE sale_charge (
    property_id  bigint NOT NULL,
    account_id   bigint NOT NULL,
    meter_id     bigint NOT NULL,
    linked_at    timestamptz NOT NULL,
    began_at     timestamptz NOT NULL,                          -- charges become due from here on
    state        jsonb NOT NULL DEFAULT '{}',                   -- core::TariffState of the fixed charges
    minimum_next date,                                          -- the first month whose minimum is not looked at yet
    PRIMARY KEY (property_id, account_id, meter_id, linked_at),
    FOREIGN KEY (property_id, account_id, meter_id, linked_at) REFERENCES account_meter
) WITH (fillfactor = 80);
-- Nobody is charged for the time before there was such a thing.
INSERT INTO sale_charge (property_id, account_id, meter_id, linked_at, began_at)
SELECT property_id, account_id, meter_id, linked_at, date_trunc('second', now()) FROM account_meter WHERE unlinked_at IS NULL;

-- What became due, line by line; only added. collect_meter_id: out of whose sales it is taken, which an exchange changes.
CREATE TABLE charge_due (
    property_id  bigint NOT NULL,
    charge_id    bigint GENERATED ALWAYS AS IDENTITY,
    account_id   bigint NOT NULL,
    meter_id     bigint NOT NULL,
    linked_at    timestamptz NOT NULL,
    collect_meter_id bigint NOT NULL,
    found_at     timestamptz NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('fixed_charge', 'minimum')),
    name         text NOT NULL CHECK (length(name) <= 200),
    plan         text NOT NULL CHECK (length(plan) <= 200),
    version_from date NOT NULL,
    month        date NOT NULL CHECK (extract(day FROM month) = 1),
    first_day    smallint NOT NULL CHECK (first_day BETWEEN 0 AND 30),
    days         smallint NOT NULL CHECK (days BETWEEN 0 AND 31),   -- 0: the whole month's
    monthly_e4   bigint NOT NULL CHECK (monthly_e4 >= 0),
    amount_e4    bigint NOT NULL CHECK (amount_e4 > 0),             -- with tax
    tax_bp       int NOT NULL CHECK (tax_bp BETWEEN 0 AND 10000),
    tax_included boolean NOT NULL,
    tax_e4       bigint NOT NULL CHECK (tax_e4 BETWEEN 0 AND amount_e4),
    PRIMARY KEY (property_id, charge_id),
    FOREIGN KEY (property_id, account_id, meter_id, linked_at) REFERENCES account_meter,
    FOREIGN KEY (property_id, collect_meter_id) REFERENCES meter
);
-- Never twice for a month, whatever goes wrong elsewhere.
CREATE UNIQUE INDEX charge_due_once ON charge_due (property_id, account_id, meter_id, linked_at, month, kind, name, first_day);
CREATE INDEX charge_due_collected ON charge_due (property_id, account_id, collect_meter_id, charge_id);

-- What a sale took of it, or its reversal gave back (negative), or the closing set off. Only added.
CREATE TABLE charge_paid (
    property_id bigint NOT NULL,
    charge_id   bigint NOT NULL,
    entry_id    bigint NOT NULL,
    sale_id     bigint,                                         -- null: set off when the meter's time on the account ended
    amount_e4   bigint NOT NULL CHECK (amount_e4 <> 0),
    tax_e4      bigint NOT NULL,
    PRIMARY KEY (property_id, charge_id, entry_id),
    FOREIGN KEY (property_id, charge_id) REFERENCES charge_due,
    FOREIGN KEY (property_id, entry_id) REFERENCES journal_entry,
    FOREIGN KEY (property_id, sale_id) REFERENCES sale
);
CREATE INDEX charge_paid_sale ON charge_paid (property_id, sale_id);
CREATE TRIGGER charge_paid_append_only BEFORE UPDATE OR DELETE ON charge_paid FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER charge_due_no_delete BEFORE DELETE ON charge_due FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Of the amount: taken for charges. The rest went to the meter.
ALTER TABLE sale ADD COLUMN charged_e4 bigint NOT NULL DEFAULT 0 CHECK (charged_e4 BETWEEN 0 AND amount_e4);

-- ---- deposits -------------------------------------------------------------------------------------
ALTER TABLE journal_entry DROP CONSTRAINT journal_entry_kind_check;
ALTER TABLE journal_entry ADD CONSTRAINT journal_entry_kind_check
    CHECK (kind IN ('sale', 'delivery', 'release', 'consumption', 'refund_payout', 'reversal', 'correction', 'rounding', 'shift',
                    'deposit'));
ALTER TABLE posting DROP CONSTRAINT posting_account_check;
ALTER TABLE posting ADD CONSTRAINT posting_account_check
    CHECK (account IN ('tender', 'credit_in_flight', 'prepaid_credit', 'unallocated_credit', 'refund_payable', 'revenue', 'tax',
                       'charges', 'rounding', 'takings', 'cash_difference', 'deposit'));

-- ---- balances -------------------------------------------------------------------------------------
ALTER TABLE account_balance ADD COLUMN deposit_e4 bigint NOT NULL DEFAULT 0;
-- Consumed is what was used, and now also what was taken for charges beside it (charges of server-held meters are in consumption).
CREATE OR REPLACE FUNCTION keep_account_balances() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = wutong, pg_temp AS
$$
BEGIN
    -- In key order, so that two bookings of the same accounts can't wait for each other in a circle.
    INSERT INTO account_balance AS b (property_id, account_id, meter_id, prepaid_credit_e4, in_flight_e4, unallocated_e4,
                                      refund_payable_e4, consumed_e4, deposit_e4)
    SELECT n.property_id, CASE WHEN n.account IN ('revenue', 'charges', 'tax') THEN e.account_id ELSE n.owner_id END,
           COALESCE(e.meter_id, 0),
           COALESCE(-sum(n.amount_e4) FILTER (WHERE n.account = 'prepaid_credit'), 0),
           COALESCE(-sum(n.amount_e4) FILTER (WHERE n.account = 'credit_in_flight'), 0),
           COALESCE(-sum(n.amount_e4) FILTER (WHERE n.account = 'unallocated_credit'), 0),
           COALESCE(-sum(n.amount_e4) FILTER (WHERE n.account = 'refund_payable'), 0),
           COALESCE(sum(n.amount_e4) FILTER (WHERE n.account = 'prepaid_credit' AND e.kind = 'consumption'), 0)
               - COALESCE(sum(n.amount_e4) FILTER (WHERE n.account IN ('revenue', 'charges', 'tax')), 0),
           COALESCE(-sum(n.amount_e4) FILTER (WHERE n.account = 'deposit'), 0)
      FROM added n JOIN journal_entry e ON e.property_id = n.property_id AND e.entry_id = n.entry_id
     WHERE n.account IN ('prepaid_credit', 'credit_in_flight', 'unallocated_credit', 'refund_payable', 'deposit')
        OR (n.account IN ('revenue', 'charges', 'tax') AND e.kind IN ('sale', 'reversal', 'correction') AND e.account_id IS NOT NULL)
     GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (property_id, account_id, meter_id) DO UPDATE SET
        prepaid_credit_e4 = b.prepaid_credit_e4 + excluded.prepaid_credit_e4,
        in_flight_e4 = b.in_flight_e4 + excluded.in_flight_e4,
        unallocated_e4 = b.unallocated_e4 + excluded.unallocated_e4,
        refund_payable_e4 = b.refund_payable_e4 + excluded.refund_payable_e4,
        consumed_e4 = b.consumed_e4 + excluded.consumed_e4,
        deposit_e4 = b.deposit_e4 + excluded.deposit_e4;
    RETURN NULL;
END
$$;

-- ---- walls and privileges -------------------------------------------------------------------------
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['sale_charge', 'charge_due', 'charge_paid'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY property_wall ON %I USING (property_id = ANY (allowed_properties())) '
                       'WITH CHECK (property_id = ANY (allowed_properties()))', t);
    END LOOP;
END
$$;
GRANT SELECT, INSERT, UPDATE ON sale_charge TO wutong_server;
GRANT SELECT, INSERT, UPDATE (collect_meter_id) ON charge_due TO wutong_server;
GRANT SELECT, INSERT ON charge_paid TO wutong_server;
-- The collector, when a meter has given a sale back.
GRANT SELECT ON charge_due TO wutong_collector;
GRANT SELECT, INSERT ON charge_paid TO wutong_collector;
