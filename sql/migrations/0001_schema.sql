-- The whole store of one Wutong installation. Runs as wutong_owner; schema wutong exists and is first in search_path.
-- Money is bigint in ten-thousandths of the currency unit (…_e4), energy is bigint in watt-hours (…_wh), time is timestamptz (UTC).
-- property_id comes first in every key: it is the wall between properties and what the tables can be distributed by.

-- ---- who may see what -------------------------------------------------------------------------
-- The properties of the running transaction. Outside one the setting is '', so nothing is allowed.
CREATE FUNCTION allowed_properties() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT NULLIF(current_setting('wutong.properties', true), '')::bigint[] $$;

-- ---- sites ------------------------------------------------------------------------------------
CREATE TABLE property (
    property_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code        text NOT NULL UNIQUE CHECK (length(code) BETWEEN 1 AND 32),
    name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    time_zone   text NOT NULL DEFAULT 'Asia/Shanghai',
    currency    char(3) NOT NULL DEFAULT 'CNY' CHECK (currency ~ '^[A-Z]{3}$'),
    created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE building (
    property_id bigint NOT NULL REFERENCES property,
    building_id bigint GENERATED ALWAYS AS IDENTITY,
    code        text NOT NULL CHECK (length(code) BETWEEN 1 AND 32),
    name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    PRIMARY KEY (property_id, building_id),
    UNIQUE (property_id, code)
);

CREATE TABLE floor (
    property_id bigint NOT NULL,
    floor_id    bigint GENERATED ALWAYS AS IDENTITY,
    building_id bigint NOT NULL,
    number      int NOT NULL,
    name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    PRIMARY KEY (property_id, floor_id),
    UNIQUE (property_id, building_id, number),
    FOREIGN KEY (property_id, building_id) REFERENCES building
);

CREATE TABLE unit (
    property_id bigint NOT NULL,
    unit_id     bigint GENERATED ALWAYS AS IDENTITY,
    floor_id    bigint NOT NULL,
    code        text NOT NULL CHECK (length(code) BETWEEN 1 AND 32),
    name        text NOT NULL DEFAULT '',
    PRIMARY KEY (property_id, unit_id),
    UNIQUE (property_id, code),
    FOREIGN KEY (property_id, floor_id) REFERENCES floor
);
CREATE INDEX unit_floor ON unit (property_id, floor_id);

-- ---- the field --------------------------------------------------------------------------------
CREATE TABLE collector (
    collector_id text PRIMARY KEY CHECK (length(collector_id) BETWEEN 1 AND 64),
    version      text NOT NULL DEFAULT '',
    started_at   timestamptz NOT NULL,
    seen_at      timestamptz NOT NULL
);

CREATE TABLE gateway (
    property_id bigint NOT NULL REFERENCES property,
    gateway_id  bigint GENERATED ALWAYS AS IDENTITY,
    code        text NOT NULL CHECK (length(code) BETWEEN 1 AND 32),
    name        text NOT NULL DEFAULT '',
    kind        text NOT NULL CHECK (kind IN ('serial', 'modbus_tcp', 'rtu_over_tcp')),
    endpoint    text NOT NULL DEFAULT '' CHECK (length(endpoint) <= 255),
    answered_at timestamptz,
    lost_since  timestamptz,
    PRIMARY KEY (property_id, gateway_id),
    UNIQUE (property_id, code)
);

CREATE TABLE channel (
    property_id        bigint NOT NULL REFERENCES property,
    channel_id         bigint GENERATED ALWAYS AS IDENTITY,
    gateway_id         bigint,
    code               text NOT NULL CHECK (length(code) BETWEEN 1 AND 32),
    name               text NOT NULL DEFAULT '',
    transport          text NOT NULL CHECK (transport IN ('serial', 'modbus_tcp', 'rtu_over_tcp')),
    endpoint           text NOT NULL CHECK (length(endpoint) BETWEEN 1 AND 255),  -- device path, or host:port
    baud               int NOT NULL DEFAULT 9600 CHECK (baud BETWEEN 300 AND 921600),
    parity             char(1) NOT NULL DEFAULT 'N' CHECK (parity IN ('N', 'E', 'O')),
    stop_bits          smallint NOT NULL DEFAULT 1 CHECK (stop_bits IN (1, 2)),
    answer_timeout_ms  int NOT NULL DEFAULT 500 CHECK (answer_timeout_ms BETWEEN 20 AND 60000),
    retries            int NOT NULL DEFAULT 1 CHECK (retries BETWEEN 0 AND 10),
    reading_interval_s int CHECK (reading_interval_s BETWEEN 1 AND 86400),        -- null: as the system says
    state_interval_s   int CHECK (state_interval_s BETWEEN 1 AND 86400),
    enabled            boolean NOT NULL DEFAULT true,
    lease_holder       text,
    lease_epoch        bigint NOT NULL DEFAULT 0,
    lease_until        timestamptz,
    answered_at        timestamptz,
    lost_since         timestamptz,
    round_ms           int,                                                        -- the last whole state round took this long
    PRIMARY KEY (property_id, channel_id),
    UNIQUE (property_id, code),
    FOREIGN KEY (property_id, gateway_id) REFERENCES gateway
);

CREATE TABLE meter (
    property_id        bigint NOT NULL REFERENCES property,
    meter_id           bigint GENERATED ALWAYS AS IDENTITY,
    channel_id         bigint NOT NULL,
    unit_id            bigint,
    code               text NOT NULL CHECK (length(code) BETWEEN 1 AND 32),
    serial_number      text NOT NULL CHECK (length(serial_number) BETWEEN 1 AND 32),
    profile            text NOT NULL CHECK (length(profile) BETWEEN 1 AND 64),
    bus_address        int NOT NULL CHECK (bus_address BETWEEN 1 AND 247),
    role               text NOT NULL DEFAULT 'prepaid' CHECK (role IN ('prepaid', 'monitor', 'feeder')),
    reading_interval_s int CHECK (reading_interval_s BETWEEN 1 AND 86400),
    state_interval_s   int CHECK (state_interval_s BETWEEN 1 AND 86400),
    -- what the operator wants on the meter; null: the property's default parameter
    price_e4           bigint CHECK (price_e4 BETWEEN 0 AND 1000000000),
    alarm_1_e4         bigint CHECK (alarm_1_e4 >= 0),
    alarm_2_e4         bigint CHECK (alarm_2_e4 >= 0),
    overdraft_e4       bigint CHECK (overdraft_e4 >= 0),
    overload_w         bigint CHECK (overload_w >= 0),
    balance_max_e4     bigint CHECK (balance_max_e4 > 0),
    enabled            boolean NOT NULL DEFAULT true,
    created_at         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (property_id, meter_id),
    UNIQUE (property_id, code),
    UNIQUE (property_id, serial_number),
    UNIQUE (property_id, channel_id, bus_address),
    FOREIGN KEY (property_id, channel_id) REFERENCES channel,
    FOREIGN KEY (property_id, unit_id) REFERENCES unit
);
CREATE INDEX meter_unit ON meter (property_id, unit_id);

-- Newest values of each meter, for the wall. Facts only; the state shown is decided by core::meter_status.
CREATE TABLE meter_state (
    property_id     bigint NOT NULL,
    meter_id        bigint NOT NULL,
    attempted_at    timestamptz,
    answered_at     timestamptz,               -- null: never read; unknown is not zero
    failures        int NOT NULL DEFAULT 0,    -- in a row
    lost_since      timestamptz,
    energy_wh       bigint,
    balance_e4      bigint,
    purchase_number bigint,
    power_w         bigint,
    voltage_mv      bigint,
    current_ma      bigint,
    relay_closed    boolean,
    prepaid_enabled boolean,
    forced          boolean,
    alarm_level     smallint NOT NULL DEFAULT 0 CHECK (alarm_level BETWEEN 0 AND 3),
    flags           jsonb NOT NULL DEFAULT '{}',   -- the rest of what the state block says, by quantity name
    changed_xid     xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (property_id, meter_id),
    FOREIGN KEY (property_id, meter_id) REFERENCES meter
);
-- The live stream asks "what committed since": a transaction id below the snapshot's horizon can't appear later.
CREATE INDEX meter_state_changed ON meter_state (changed_xid);

CREATE TABLE reading (
    property_id     bigint NOT NULL,
    meter_id        bigint NOT NULL,
    read_at         timestamptz NOT NULL,
    energy_wh       bigint,
    sharp_wh        bigint,
    peak_wh         bigint,
    flat_wh         bigint,
    valley_wh       bigint,
    reverse_wh      bigint,
    balance_e4      bigint,
    purchase_number bigint,
    power_w         bigint,
    reactive_var    bigint,
    power_factor_e3 int,
    frequency_mhz   int,
    voltage_mv      bigint[],                  -- one or three phases
    current_ma      bigint[],
    relay_closed    boolean,
    source          text NOT NULL DEFAULT 'scheduled' CHECK (source IN ('scheduled', 'state', 'read_now', 'credit', 'catch_up')),
    PRIMARY KEY (property_id, meter_id, read_at)
) PARTITION BY RANGE (read_at);

-- Makes the partition of a month if it is not there. Called by migrations and by the collector, ahead of time.
CREATE FUNCTION ensure_reading_partition(month date) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = wutong, pg_temp AS
$$
DECLARE
    first date := date_trunc('month', month)::date;
    name  text := 'reading_' || to_char(first, 'YYYY_MM');
BEGIN
    IF first < date '2000-01-01' OR first > date '2200-01-01' THEN
        RAISE EXCEPTION 'no reading partition for %', month USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF to_regclass('wutong.' || name) IS NULL THEN
        PERFORM pg_advisory_xact_lock(hashtext('wutong.reading'));
        EXECUTE format('CREATE TABLE IF NOT EXISTS wutong.%I PARTITION OF wutong.reading FOR VALUES FROM (%L) TO (%L)', name,
                       first::timestamp AT TIME ZONE 'UTC', (first + interval '1 month') AT TIME ZONE 'UTC');
    END IF;
    RETURN name;
END
$$;

-- Energy per day and month in the property's time zone, kept up to date as readings arrive.
CREATE TABLE daily_energy (
    property_id bigint NOT NULL,
    meter_id    bigint NOT NULL,
    day         date NOT NULL,
    first_wh    bigint NOT NULL,
    last_wh     bigint NOT NULL,
    first_at    timestamptz NOT NULL,
    last_at     timestamptz NOT NULL,
    PRIMARY KEY (property_id, meter_id, day)
);

CREATE TABLE alarm (
    property_id     bigint NOT NULL,
    alarm_id        bigint GENERATED ALWAYS AS IDENTITY,
    meter_id        bigint,
    channel_id      bigint,
    gateway_id      bigint,
    kind            text NOT NULL CHECK (kind IN ('alarm_1', 'alarm_2', 'arrears', 'lost_meter', 'lost_gateway', 'lost_channel',
                                                  'overload', 'fault', 'quarantine', 'foreign_write')),
    text            text NOT NULL DEFAULT '',
    raised_at       timestamptz NOT NULL,
    cleared_at      timestamptz,
    acknowledged_at timestamptz,
    acknowledged_by bigint,
    PRIMARY KEY (property_id, alarm_id)
);
CREATE UNIQUE INDEX alarm_live ON alarm (property_id, kind, COALESCE(meter_id, 0), COALESCE(channel_id, 0), COALESCE(gateway_id, 0))
    WHERE cleared_at IS NULL;
CREATE INDEX alarm_meter ON alarm (property_id, meter_id, raised_at);

-- ---- tenants ----------------------------------------------------------------------------------
CREATE TABLE customer (
    property_id bigint NOT NULL REFERENCES property,
    customer_id bigint GENERATED ALWAYS AS IDENTITY,
    name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    phone       text NOT NULL DEFAULT '' CHECK (length(phone) <= 32),
    note        text NOT NULL DEFAULT '' CHECK (length(note) <= 2000),
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (property_id, customer_id)
);

CREATE TABLE account (
    property_id bigint NOT NULL,
    account_id  bigint GENERATED ALWAYS AS IDENTITY,
    number      text NOT NULL CHECK (length(number) BETWEEN 1 AND 32),
    customer_id bigint NOT NULL,
    state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closing', 'closed')),
    opened_at   timestamptz NOT NULL DEFAULT now(),
    closed_at   timestamptz,
    PRIMARY KEY (property_id, account_id),
    UNIQUE (property_id, number),
    FOREIGN KEY (property_id, customer_id) REFERENCES customer
);
CREATE INDEX account_customer ON account (property_id, customer_id);

CREATE TABLE account_meter (
    property_id      bigint NOT NULL,
    account_id       bigint NOT NULL,
    meter_id         bigint NOT NULL,
    linked_at        timestamptz NOT NULL DEFAULT now(),
    unlinked_at      timestamptz,
    opened_on_meter_at timestamptz,              -- when the open delivery was confirmed
    purchase_number  bigint NOT NULL DEFAULT 0,  -- last one that the ledger knows to be on the meter
    booked_energy_wh bigint,                     -- consumption is booked up to this register value
    booked_remainder bigint NOT NULL DEFAULT 0,  -- ten-millionths, core::Remainder
    booked_price_e4  bigint,
    booked_at        timestamptz,
    PRIMARY KEY (property_id, account_id, meter_id, linked_at),
    FOREIGN KEY (property_id, account_id) REFERENCES account,
    FOREIGN KEY (property_id, meter_id) REFERENCES meter
);
CREATE UNIQUE INDEX account_meter_live ON account_meter (property_id, meter_id) WHERE unlinked_at IS NULL;

-- ---- ledger -----------------------------------------------------------------------------------
CREATE TABLE journal_entry (
    property_id bigint NOT NULL REFERENCES property,
    entry_id    bigint GENERATED ALWAYS AS IDENTITY,
    kind        text NOT NULL CHECK (kind IN ('sale', 'delivery', 'release', 'consumption', 'refund_payout', 'reversal', 'correction')),
    booked_at   timestamptz NOT NULL DEFAULT now(),
    account_id  bigint,
    meter_id    bigint,
    operator_id bigint,
    request_id  uuid,
    memo        text NOT NULL DEFAULT '' CHECK (length(memo) <= 2000),
    xact        xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (property_id, entry_id)
);
CREATE INDEX journal_entry_account ON journal_entry (property_id, account_id, entry_id);

CREATE TABLE posting (
    property_id bigint NOT NULL,
    entry_id    bigint NOT NULL,
    line        smallint NOT NULL CHECK (line BETWEEN 1 AND 100),
    account     text NOT NULL CHECK (account IN ('tender', 'credit_in_flight', 'prepaid_credit', 'unallocated_credit',
                                                 'refund_payable', 'revenue', 'tax', 'charges', 'rounding')),
    owner_id    bigint NOT NULL DEFAULT 0,
    amount_e4   bigint NOT NULL CHECK (amount_e4 <> 0),
    PRIMARY KEY (property_id, entry_id, line),
    FOREIGN KEY (property_id, entry_id) REFERENCES journal_entry
);
CREATE INDEX posting_account ON posting (property_id, account, owner_id) INCLUDE (amount_e4);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation',
        HINT = 'Book a correcting entry instead.';
END
$$;
CREATE TRIGGER journal_entry_append_only BEFORE UPDATE OR DELETE ON journal_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER journal_entry_no_truncate BEFORE TRUNCATE ON journal_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER posting_append_only BEFORE UPDATE OR DELETE ON posting FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER posting_no_truncate BEFORE TRUNCATE ON posting FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION check_entry_balanced() RETURNS trigger LANGUAGE plpgsql AS
$$
DECLARE
    total numeric;
    lines int;
    last  int;
BEGIN
    SELECT COALESCE(sum(amount_e4), 0), count(*), COALESCE(max(line), 0) INTO total, lines, last
      FROM posting WHERE property_id = NEW.property_id AND entry_id = NEW.entry_id;
    IF total <> 0 OR lines = 0 THEN
        RAISE EXCEPTION 'journal entry % does not balance: postings sum to %', NEW.entry_id, total
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF lines <> last THEN
        RAISE EXCEPTION 'journal entry % has % postings, but they are not numbered 1 to %', NEW.entry_id, lines, lines
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER journal_entry_balanced AFTER INSERT ON journal_entry DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_entry_balanced();
-- A posting added later to an old entry must balance too. (Lines 1 and 2 are there from the start in any entry that balances.)
CREATE CONSTRAINT TRIGGER posting_balanced AFTER INSERT ON posting DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.line > 2) EXECUTE FUNCTION check_entry_balanced();

-- The sealed order of a property's entries. hash = SHA-256(previous hash, canonical text of entry and postings).
CREATE TABLE journal_chain (
    property_id bigint NOT NULL,
    position    bigint NOT NULL CHECK (position > 0),
    entry_id    bigint NOT NULL,
    hash        bytea NOT NULL CHECK (length(hash) = 32),
    sealed_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (property_id, position),
    UNIQUE (property_id, entry_id),
    FOREIGN KEY (property_id, entry_id) REFERENCES journal_entry
);
-- Committed entries that wait for the sealer. What is in the journal, but neither here nor in the chain, was slipped in.
CREATE TABLE journal_unsealed (
    property_id bigint NOT NULL,
    entry_id    bigint NOT NULL,
    PRIMARY KEY (property_id, entry_id)
);
CREATE FUNCTION queue_for_sealing() RETURNS trigger LANGUAGE plpgsql AS
$$
BEGIN
    INSERT INTO wutong.journal_unsealed (property_id, entry_id) VALUES (NEW.property_id, NEW.entry_id);
    RETURN NULL;
END
$$;
CREATE TRIGGER journal_entry_unsealed AFTER INSERT ON journal_entry FOR EACH ROW EXECUTE FUNCTION queue_for_sealing();
CREATE TRIGGER journal_chain_append_only BEFORE UPDATE OR DELETE ON journal_chain FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER journal_chain_no_truncate BEFORE TRUNCATE ON journal_chain FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- ---- sales and what goes to the meters ----------------------------------------------------------
CREATE TABLE sale (
    property_id bigint NOT NULL,
    sale_id     bigint GENERATED ALWAYS AS IDENTITY,
    kind        text NOT NULL CHECK (kind IN ('opening', 'sale', 'refund', 'closing')),
    account_id  bigint NOT NULL,
    meter_id    bigint NOT NULL,
    amount_e4   bigint NOT NULL CHECK (amount_e4 >= 0),   -- what was handed over (sale) or taken off the meter (refund)
    method      text NOT NULL CHECK (method IN ('cash', 'card', 'transfer', 'cheque', 'online')),
    operator_id bigint NOT NULL,
    request_id  uuid NOT NULL,
    entry_id    bigint,                                    -- null where nothing was booked yet (refund, opening without purchase)
    delivery_id bigint,
    sold_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (property_id, sale_id),
    UNIQUE (property_id, request_id, meter_id),
    FOREIGN KEY (property_id, account_id) REFERENCES account,
    FOREIGN KEY (property_id, meter_id) REFERENCES meter,
    FOREIGN KEY (property_id, entry_id) REFERENCES journal_entry
);
CREATE INDEX sale_account ON sale (property_id, account_id, sale_id);
CREATE INDEX sale_time ON sale (property_id, sold_at);

CREATE TABLE credit_delivery (
    property_id    bigint NOT NULL,
    delivery_id    bigint GENERATED ALWAYS AS IDENTITY,
    meter_id       bigint NOT NULL,
    account_id     bigint NOT NULL,
    sale_id        bigint,
    kind           text NOT NULL CHECK (kind IN ('open', 'top_up', 'refund', 'reversal', 'clear')),
    amount_e4      bigint NOT NULL,                        -- change of the balance; for clear known when finished
    settings       jsonb NOT NULL DEFAULT '{}',            -- what an opening or clearing sets besides the balance
    state          text NOT NULL DEFAULT 'queued'
                   CHECK (state IN ('queued', 'sending', 'unknown', 'delivered', 'refused', 'quarantined')),
    attempts       int NOT NULL DEFAULT 0,
    number_before  bigint,                                 -- the ledger's number when it was claimed
    before_number  bigint, before_balance_e4 bigint, before_energy_wh bigint, before_at timestamptz, before_prepaid boolean,
    write_number   bigint, write_balance_e4 bigint, write_amount_e4 bigint,
    after_number   bigint, after_balance_e4 bigint, after_energy_wh bigint, after_at timestamptz, after_prepaid boolean,
    reason         text NOT NULL DEFAULT '',
    evidence       jsonb NOT NULL DEFAULT '[]',            -- frames with their times, bounded
    entry_id       bigint,                                 -- the entry that booked the outcome
    queued_at      timestamptz NOT NULL DEFAULT now(),
    sent_at        timestamptz,
    finished_at    timestamptz,
    next_attempt_at timestamptz,
    claimed_by     text,
    claim_epoch    bigint,
    PRIMARY KEY (property_id, delivery_id),
    FOREIGN KEY (property_id, meter_id) REFERENCES meter,
    FOREIGN KEY (property_id, account_id) REFERENCES account,
    FOREIGN KEY (property_id, entry_id) REFERENCES journal_entry
);
-- One in flight per meter, whoever claims it.
CREATE UNIQUE INDEX credit_delivery_in_flight ON credit_delivery (property_id, meter_id) WHERE state IN ('sending', 'unknown');
CREATE INDEX credit_delivery_open ON credit_delivery (property_id, meter_id, delivery_id) WHERE state IN ('queued', 'sending', 'unknown', 'quarantined');
CREATE INDEX credit_delivery_meter ON credit_delivery (property_id, meter_id, delivery_id);
CREATE INDEX credit_delivery_account ON credit_delivery (property_id, account_id, delivery_id);

CREATE TABLE command (
    property_id bigint NOT NULL,
    command_id  bigint GENERATED ALWAYS AS IDENTITY,
    meter_id    bigint NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('read_now', 'set_price', 'set_settings', 'guarantee_power', 'restore_prepaid',
                                              'switch_off', 'set_clock')),
    arguments   jsonb NOT NULL DEFAULT '{}',
    state       text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done', 'failed', 'expired', 'cancelled')),
    reason      text NOT NULL DEFAULT '' CHECK (length(reason) <= 2000),
    result      jsonb NOT NULL DEFAULT '{}',
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL,
    started_at  timestamptz,
    sent_at     timestamptz,                               -- from then on it can't be cancelled
    finished_at timestamptz,
    attempts    int NOT NULL DEFAULT 0,
    operator_id bigint,
    request_id  uuid,
    batch_id    uuid,
    claimed_by  text,
    claim_epoch bigint,
    PRIMARY KEY (property_id, command_id),
    FOREIGN KEY (property_id, meter_id) REFERENCES meter
);
CREATE INDEX command_open ON command (property_id, meter_id, command_id) WHERE state IN ('queued', 'running');
CREATE INDEX command_meter ON command (property_id, meter_id, command_id);
CREATE INDEX command_time ON command (property_id, created_at);
CREATE INDEX command_batch ON command (property_id, batch_id) WHERE batch_id IS NOT NULL;

-- ---- operators --------------------------------------------------------------------------------
CREATE TABLE operator (
    operator_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
    full_name     text NOT NULL DEFAULT '',
    password_hash text NOT NULL,
    enabled       boolean NOT NULL DEFAULT true,
    failures      int NOT NULL DEFAULT 0,
    locked_until  timestamptz,
    all_properties boolean NOT NULL DEFAULT false,
    created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX operator_name ON operator (lower(name));

CREATE TABLE role (
    role_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code        text NOT NULL UNIQUE CHECK (length(code) BETWEEN 1 AND 64),
    permissions text[] NOT NULL DEFAULT '{}'
);
INSERT INTO role (code, permissions) VALUES
    ('administrator', '{*}'),
    ('manager', '{site.read,device.read,device.write,account.read,account.write,sale.read,sale.write,sale.refund,control.read,control.write,reading.read,parameter.read,parameter.write,log.read,ledger.read,operator.read}'),
    ('cashier', '{site.read,device.read,account.read,account.write,sale.read,sale.write,sale.refund,control.read,control.write,reading.read,parameter.read,ledger.read}'),
    ('viewer', '{site.read,device.read,account.read,sale.read,control.read,reading.read,parameter.read,ledger.read}');

CREATE TABLE operator_role (
    operator_id bigint NOT NULL REFERENCES operator ON DELETE CASCADE,
    role_id     bigint NOT NULL REFERENCES role,
    PRIMARY KEY (operator_id, role_id)
);

CREATE TABLE operator_property (
    operator_id bigint NOT NULL REFERENCES operator ON DELETE CASCADE,
    property_id bigint NOT NULL REFERENCES property,
    PRIMARY KEY (operator_id, property_id)
);

CREATE TABLE session (
    token_hash  bytea PRIMARY KEY CHECK (length(token_hash) = 32),
    operator_id bigint NOT NULL REFERENCES operator ON DELETE CASCADE,
    created_at  timestamptz NOT NULL DEFAULT now(),
    used_at     timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL,
    peer        text NOT NULL DEFAULT '' CHECK (length(peer) <= 200)
);
CREATE INDEX session_operator ON session (operator_id);

-- property_id 0: the installation itself (sign-in, operators, roles).
CREATE TABLE operation_log (
    property_id bigint NOT NULL,
    log_id      bigint GENERATED ALWAYS AS IDENTITY,
    at          timestamptz NOT NULL DEFAULT now(),
    operator_id bigint,
    action      text NOT NULL CHECK (length(action) BETWEEN 1 AND 100),
    target      text NOT NULL DEFAULT '' CHECK (length(target) <= 300),
    details     jsonb NOT NULL DEFAULT '{}',
    request_id  uuid,
    PRIMARY KEY (property_id, log_id)
);
CREATE INDEX operation_log_time ON operation_log (property_id, at);
CREATE TRIGGER operation_log_append_only BEFORE UPDATE OR DELETE ON operation_log FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER operation_log_no_truncate BEFORE TRUNCATE ON operation_log FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A request is done once: same id and content → the first answer; same id, other content → refused.
CREATE TABLE request (
    property_id  bigint NOT NULL,
    request_id   uuid NOT NULL,
    method       text NOT NULL,
    content_hash bytea NOT NULL CHECK (length(content_hash) = 32),
    response     bytea,
    at           timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (property_id, request_id)
);

CREATE TABLE parameter (
    property_id bigint NOT NULL,
    key         text NOT NULL CHECK (length(key) BETWEEN 1 AND 64),
    value       text NOT NULL CHECK (length(value) <= 500),
    changed_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (property_id, key)
);

-- ---- walls ------------------------------------------------------------------------------------
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['property', 'building', 'floor', 'unit', 'gateway', 'channel', 'meter', 'meter_state', 'reading', 'daily_energy',
                             'alarm', 'customer', 'account', 'account_meter', 'journal_entry', 'posting', 'journal_chain', 'journal_unsealed', 'sale',
                             'credit_delivery', 'command', 'operation_log', 'request', 'parameter', 'operator_property'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY property_wall ON %I USING (property_id = ANY (allowed_properties())) '
                       'WITH CHECK (property_id = ANY (allowed_properties()))', t);
    END LOOP;
END
$$;

-- What has to be known before the properties of an operator are known, and by the server's own jobs.
CREATE FUNCTION all_properties() RETURNS bigint[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = wutong, pg_temp AS
$$ SELECT COALESCE(array_agg(property_id ORDER BY property_id), '{}') || 0::bigint FROM property $$;

CREATE FUNCTION properties_of_operator(who bigint) RETURNS bigint[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = wutong, pg_temp AS
$$ SELECT CASE WHEN (SELECT all_properties FROM operator WHERE operator_id = who) THEN all_properties()
               ELSE (SELECT COALESCE(array_agg(property_id ORDER BY property_id), '{}') FROM operator_property WHERE operator_id = who) END $$;

-- A new property is in nobody's list yet, so the wall would refuse it. It joins the list of the running transaction.
CREATE FUNCTION new_property(new_code text, new_name text, new_time_zone text, new_currency text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = wutong, pg_temp AS
$$
DECLARE
    made bigint;
BEGIN
    INSERT INTO property (code, name, time_zone, currency) VALUES (new_code, new_name, new_time_zone, new_currency)
        RETURNING property_id INTO made;
    PERFORM set_config('wutong.properties', (COALESCE(allowed_properties(), '{}') || made)::text, true);
    RETURN made;
END
$$;

-- Under a policy a trigram index is not used, because ILIKE is not leakproof. Search goes through here; the caller's
-- transaction says which properties, and only those are looked into. Planned anew for each pattern: a plan for any pattern
-- would read all meters of the property beside the trigram index.
CREATE FUNCTION search_meters(pattern text, properties bigint[], row_limit int)
RETURNS TABLE (property_id bigint, meter_id bigint, account_id bigint, rank int)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = wutong, public, pg_temp SET plan_cache_mode = force_custom_plan AS
$$
#variable_conflict use_column
BEGIN
    -- Whatever the caller asks for: never past the wall of the running transaction.
    properties := ARRAY(SELECT unnest(properties) INTERSECT SELECT unnest(allowed_properties()));
    RETURN QUERY
    WITH hit AS (
        SELECT m.property_id, m.meter_id FROM meter m WHERE m.property_id = ANY (properties) AND m.code ILIKE pattern
        UNION SELECT m.property_id, m.meter_id FROM meter m WHERE m.property_id = ANY (properties) AND m.serial_number ILIKE pattern
        UNION SELECT m.property_id, m.meter_id FROM unit u JOIN meter m USING (property_id, unit_id)
              WHERE u.property_id = ANY (properties) AND u.code ILIKE pattern
        UNION SELECT am.property_id, am.meter_id FROM customer c JOIN account a USING (property_id, customer_id)
              JOIN account_meter am USING (property_id, account_id)
              WHERE c.property_id = ANY (properties) AND c.name ILIKE pattern AND am.unlinked_at IS NULL
        UNION SELECT am.property_id, am.meter_id FROM customer c JOIN account a USING (property_id, customer_id)
              JOIN account_meter am USING (property_id, account_id)
              WHERE c.property_id = ANY (properties) AND c.phone ILIKE pattern AND am.unlinked_at IS NULL
        UNION SELECT am.property_id, am.meter_id FROM account a JOIN account_meter am USING (property_id, account_id)
              WHERE a.property_id = ANY (properties) AND a.number ILIKE pattern AND am.unlinked_at IS NULL)
    SELECT h.property_id, h.meter_id, am.account_id, 0 FROM hit h
    LEFT JOIN account_meter am ON am.property_id = h.property_id AND am.meter_id = h.meter_id AND am.unlinked_at IS NULL
    ORDER BY h.property_id, h.meter_id LIMIT least(row_limit, 1000);
END
$$;

-- Accounts by part of their number, of the customer's name or phone, of a linked meter's or its unit's code.
CREATE FUNCTION search_accounts(pattern text, properties bigint[], after bigint, row_limit int)
RETURNS TABLE (property_id bigint, account_id bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = wutong, public, pg_temp SET plan_cache_mode = force_custom_plan AS
$$
#variable_conflict use_column
BEGIN
    -- Whatever the caller asks for: never past the wall of the running transaction.
    properties := ARRAY(SELECT unnest(properties) INTERSECT SELECT unnest(allowed_properties()));
    RETURN QUERY
    SELECT hit.property_id, hit.account_id FROM (
        SELECT a.property_id, a.account_id FROM account a WHERE a.property_id = ANY (properties) AND a.number ILIKE pattern
        UNION SELECT a.property_id, a.account_id FROM customer c JOIN account a USING (property_id, customer_id)
              WHERE c.property_id = ANY (properties) AND c.name ILIKE pattern
        UNION SELECT a.property_id, a.account_id FROM customer c JOIN account a USING (property_id, customer_id)
              WHERE c.property_id = ANY (properties) AND c.phone ILIKE pattern
        UNION SELECT am.property_id, am.account_id FROM meter m JOIN account_meter am USING (property_id, meter_id)
              WHERE m.property_id = ANY (properties) AND m.code ILIKE pattern AND am.unlinked_at IS NULL
        UNION SELECT am.property_id, am.account_id FROM unit u JOIN meter m USING (property_id, unit_id)
              JOIN account_meter am USING (property_id, meter_id)
              WHERE u.property_id = ANY (properties) AND u.code ILIKE pattern AND am.unlinked_at IS NULL) AS hit
    WHERE hit.account_id > after ORDER BY hit.account_id LIMIT least(row_limit, 1000);
END
$$;
CREATE INDEX meter_code_trgm ON meter USING gin (code public.gin_trgm_ops);
CREATE INDEX meter_serial_trgm ON meter USING gin (serial_number public.gin_trgm_ops);
CREATE INDEX unit_code_trgm ON unit USING gin (code public.gin_trgm_ops);
CREATE INDEX customer_name_trgm ON customer USING gin (name public.gin_trgm_ops);
CREATE INDEX customer_phone_trgm ON customer USING gin (phone public.gin_trgm_ops);
CREATE INDEX account_number_trgm ON account USING gin (number public.gin_trgm_ops);

-- ---- privileges: the least that each daemon needs -----------------------------------------------
GRANT USAGE ON SCHEMA wutong TO wutong_server, wutong_collector;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA wutong FROM PUBLIC;
GRANT EXECUTE ON FUNCTION allowed_properties(), all_properties(), properties_of_operator(bigint),
    search_meters(text, bigint[], int), search_accounts(text, bigint[], bigint, int), new_property(text, text, text, text) TO wutong_server;
GRANT EXECUTE ON FUNCTION allowed_properties(), all_properties(), ensure_reading_partition(date) TO wutong_collector, wutong_server;
-- Both refuse to start on a schema that is not theirs. (The table is made by the migration runner.)
GRANT SELECT ON schema_migration TO wutong_server, wutong_collector;

GRANT SELECT, INSERT, UPDATE ON property, building, floor, unit, gateway, channel, meter, customer, account, account_meter,
    sale, credit_delivery, command, operator, parameter, request, alarm, meter_state TO wutong_server;
GRANT DELETE ON building, floor, unit, gateway, channel, meter TO wutong_server;
GRANT SELECT, INSERT, UPDATE, DELETE ON role, operator_role, operator_property, session TO wutong_server;
GRANT SELECT, INSERT ON journal_entry, posting, journal_chain, operation_log TO wutong_server;
GRANT SELECT, INSERT, DELETE ON journal_unsealed TO wutong_server;
-- A sale and its delivery name each other and are written in one statement.
GRANT USAGE ON SEQUENCE sale_sale_id_seq TO wutong_server;
GRANT SELECT ON reading, daily_energy, collector TO wutong_server;

GRANT SELECT ON property, building, floor, unit, gateway, channel, meter, account, account_meter, credit_delivery, command,
    parameter, meter_state, alarm, journal_entry, posting, sale, reading, daily_energy TO wutong_collector;
GRANT UPDATE (answered_at, lost_since) ON gateway TO wutong_collector;
GRANT UPDATE (lease_holder, lease_epoch, lease_until, answered_at, lost_since, round_ms) ON channel TO wutong_collector;
GRANT UPDATE (opened_on_meter_at, purchase_number, booked_energy_wh, booked_price_e4, booked_at, booked_remainder, unlinked_at) ON account_meter TO wutong_collector;
GRANT UPDATE (state, closed_at) ON account TO wutong_collector;
GRANT UPDATE ON credit_delivery, command TO wutong_collector;
GRANT INSERT, UPDATE ON meter_state, alarm, collector, daily_energy TO wutong_collector;
GRANT SELECT ON collector TO wutong_collector;
GRANT INSERT ON reading, journal_entry, posting, journal_unsealed, operation_log TO wutong_collector;

SELECT ensure_reading_partition((now() + make_interval(months => m))::date) FROM generate_series(-1, 3) AS m;
