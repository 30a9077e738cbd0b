-- Server-held meters: the server keeps the tenant's credit, charges each reading and works the relay. What is charged: docs/tariffs.md;
-- what is booked and who is switched off: docs/money.md.

-- ---- which meters, since when, and who decided it ------------------------------------------------
CREATE TABLE held_meter (
    property_id bigint NOT NULL,
    meter_id    bigint NOT NULL,
    since       timestamptz NOT NULL,
    decided_by  bigint NOT NULL,
    reason      text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    ended_at    timestamptz,
    ended_by    bigint,
    PRIMARY KEY (property_id, meter_id, since),
    FOREIGN KEY (property_id, meter_id) REFERENCES meter,
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE UNIQUE INDEX held_meter_live ON held_meter (property_id, meter_id) WHERE ended_at IS NULL;

-- Where the charging of a meter's time on an account stands. The row is changed with the journal entry of the same readings, under
-- the lock of the link (account_meter), so that a reading is charged once, whoever tries.
CREATE TABLE held_charge (
    property_id  bigint NOT NULL,
    account_id   bigint NOT NULL,
    meter_id     bigint NOT NULL,
    linked_at    timestamptz NOT NULL,
    charged_at   timestamptz NOT NULL,                          -- the reading that was charged last, in whole seconds
    energy_wh    bigint NOT NULL CHECK (energy_wh >= 0),        -- what it showed
    rates_wh     bigint[] CHECK (cardinality(rates_wh) = 4),    -- sharp, peak, flat, valley; null: not counted by the meter
    state        jsonb NOT NULL DEFAULT '{}',                   -- core::TariffState, for the next charge
    overdraft_e4 bigint NOT NULL CHECK (overdraft_e4 >= 0),     -- the debt that is allowed, by the plan in force
    stopped      text CHECK (length(stopped) <= 1000),          -- why its readings can't be charged; null: they can
    ended_at     timestamptz,
    PRIMARY KEY (property_id, account_id, meter_id, linked_at),
    FOREIGN KEY (property_id, account_id, meter_id, linked_at) REFERENCES account_meter
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX held_charge_live ON held_charge (property_id, meter_id) WHERE ended_at IS NULL;

-- Server-held meters that have to be looked at: a reading came, or the time has come to ask again. The job reads this and never the
-- accounts.
CREATE TABLE held_due (
    property_id bigint NOT NULL,
    meter_id    bigint NOT NULL,
    due_at      timestamptz NOT NULL,
    PRIMARY KEY (property_id, meter_id)
) WITH (fillfactor = 70);
CREATE INDEX held_due_at ON held_due (due_at);

-- Units that are never switched off without a person.
CREATE TABLE guarded_unit (
    property_id bigint NOT NULL,
    unit_id     bigint NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('medical', 'safety')),
    note        text NOT NULL CHECK (length(note) BETWEEN 1 AND 500),
    decided_by  bigint NOT NULL,
    since       timestamptz NOT NULL,
    PRIMARY KEY (property_id, unit_id),
    FOREIGN KEY (property_id, unit_id) REFERENCES unit ON DELETE CASCADE
);

-- The last word on a meter's relay is looked for with each charge.
CREATE INDEX command_relay ON command (property_id, meter_id, command_id) WHERE kind IN ('guarantee_power', 'restore_prepaid', 'switch_off');

-- not_charged: the readings of a server-held meter can't be charged, and a person has to say how it goes on.
ALTER TABLE alarm DROP CONSTRAINT alarm_kind_check;
ALTER TABLE alarm ADD CONSTRAINT alarm_kind_check
    CHECK (kind IN ('alarm_1', 'alarm_2', 'arrears', 'lost_meter', 'lost_gateway', 'lost_channel', 'overload', 'fault', 'quarantine',
                    'foreign_write', 'not_stored', 'price_unknown', 'wrong_meter', 'ledger_difference', 'balance_unexplained',
                    'not_charged'));

-- ---- walls and privileges -----------------------------------------------------------------------
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['held_meter', 'held_charge', 'held_due', 'guarded_unit'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY property_wall ON %I USING (property_id = ANY (allowed_properties())) '
                       'WITH CHECK (property_id = ANY (allowed_properties()))', t);
    END LOOP;
END
$$;
GRANT SELECT, INSERT, UPDATE ON held_meter, held_charge TO wutong_server;
GRANT SELECT, INSERT, UPDATE, DELETE ON held_due, guarded_unit TO wutong_server;
-- The collector says that a reading came, and asks once more before it switches anybody off.
GRANT SELECT ON held_charge, guarded_unit TO wutong_collector;
GRANT SELECT, INSERT, UPDATE ON held_due TO wutong_collector;

UPDATE role SET permissions = permissions || '{held.read,held.write}' WHERE code = 'manager';
UPDATE role SET permissions = permissions || '{held.read}' WHERE code IN ('cashier', 'viewer');
