-- Messages to tenants and operators by SMS and e-mail. What is sent when: docs/messages.md.

-- Where a tenant wants to be told, and what. One row a customer; none: he is told nothing.
CREATE TABLE message_contact (
    property_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    phone       text CHECK (phone ~ '^\+[1-9][0-9]{6,14}$'),                  -- E.164
    email       text CHECK (length(email) <= 254 AND email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
    language    text NOT NULL CHECK (language IN ('zh', 'en')),
    wants       text[] NOT NULL CHECK (wants <@ ARRAY['alarm_1', 'alarm_2', 'arrears', 'recharge']),
    changed_by  bigint NOT NULL,
    changed_at  timestamptz NOT NULL,
    PRIMARY KEY (property_id, customer_id),
    FOREIGN KEY (property_id, customer_id) REFERENCES customer
);

-- What has happened and may be worth a message. Queued by triggers, in the transaction of what happened; the server's job takes a row
-- away in the transaction that makes its messages, or finds that there are none to make. So no cause is lost, and none counts twice.
CREATE TABLE message_cause (
    property_id bigint NOT NULL,
    cause_id    bigint GENERATED ALWAYS AS IDENTITY,
    kind        text NOT NULL CHECK (kind IN ('level', 'operations', 'delivery', 'sale')),
    subject_id  bigint NOT NULL,                    -- alarm, alarm, credit_delivery, sale
    due_at      timestamptz NOT NULL DEFAULT now(), -- later after an error
    PRIMARY KEY (property_id, cause_id)
);
CREATE INDEX message_cause_due ON message_cause (due_at);

-- What a tenant was told about a meter since credit last arrived there (core::ToldLevels).
CREATE TABLE message_told (
    property_id bigint NOT NULL,
    account_id  bigint NOT NULL,
    meter_id    bigint NOT NULL,
    told        smallint NOT NULL DEFAULT 0 CHECK (told BETWEEN 0 AND 3),
    told_before smallint NOT NULL DEFAULT 0 CHECK (told_before BETWEEN 0 AND 3),
    credit_at   timestamptz,
    PRIMARY KEY (property_id, account_id, meter_id),
    FOREIGN KEY (property_id, account_id) REFERENCES account,
    FOREIGN KEY (property_id, meter_id) REFERENCES meter
) WITH (fillfactor = 80);

CREATE TABLE message (
    property_id bigint NOT NULL REFERENCES property,
    message_id  bigint GENERATED ALWAYS AS IDENTITY,
    cause       text NOT NULL CHECK (length(cause) BETWEEN 1 AND 80),          -- "alarm 17", "delivery 5", "sale 8", "test <uuid>"
    channel     text NOT NULL CHECK (channel IN ('sms', 'email')),
    recipient   text NOT NULL CHECK (length(recipient) BETWEEN 1 AND 254),
    kind        text NOT NULL CHECK (kind IN ('alarm_1', 'alarm_2', 'arrears', 'recharge', 'operations', 'test')),
    account_id  bigint,
    meter_id    bigint,
    language    text NOT NULL CHECK (language IN ('zh', 'en')),
    subject     text NOT NULL CHECK (length(subject) <= 300),
    body        text NOT NULL CHECK (length(body) BETWEEN 1 AND 2000),
    parts       smallint NOT NULL CHECK (parts BETWEEN 1 AND 20),              -- SMS that it takes; 1 of a mail
    state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sending', 'sent', 'failed', 'given_up')),
    reason      text NOT NULL DEFAULT '' CHECK (length(reason) <= 500),        -- why it waits, failed or was given up
    attempts    int NOT NULL DEFAULT 0,
    created_at  timestamptz NOT NULL,
    due_at      timestamptz NOT NULL,                                          -- not before: quiet hours
    next_try_at timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,                                          -- what is older is no news
    taken_by    text CHECK (length(taken_by) <= 300),                          -- the server and spool that have it in hand
    taken_until timestamptz,                                                   -- later than that it is anybody's again
    finished_at timestamptz,
    PRIMARY KEY (property_id, message_id),
    UNIQUE (property_id, cause, channel, recipient),
    FOREIGN KEY (property_id, account_id) REFERENCES account,
    FOREIGN KEY (property_id, meter_id) REFERENCES meter,
    CHECK ((state = 'sending') = (taken_until IS NOT NULL)),
    CHECK ((state IN ('sent', 'failed', 'given_up')) = (finished_at IS NOT NULL))
);
CREATE INDEX message_waiting ON message (channel, next_try_at) WHERE state = 'waiting';
CREATE INDEX message_sending ON message (channel, taken_until) WHERE state = 'sending';
CREATE INDEX message_account ON message (property_id, account_id, message_id) WHERE account_id IS NOT NULL;
CREATE INDEX message_operations ON message (property_id, created_at) WHERE kind = 'operations';
CREATE INDEX message_over ON message (property_id, finished_at) WHERE finished_at IS NOT NULL;

-- Whoever raises the alarm or settles the payment, collector or server, need not know of messages.
CREATE FUNCTION queue_message_cause() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = wutong, pg_temp AS
$$
BEGIN
    INSERT INTO message_cause (property_id, kind, subject_id)
    VALUES (NEW.property_id, TG_ARGV[0], (to_jsonb(NEW) ->> TG_ARGV[1])::bigint);
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION queue_message_cause() FROM PUBLIC;
CREATE TRIGGER alarm_tells_tenant AFTER INSERT ON alarm FOR EACH ROW WHEN (NEW.kind IN ('alarm_1', 'alarm_2', 'arrears'))
    EXECUTE FUNCTION queue_message_cause('level', 'alarm_id');
CREATE TRIGGER alarm_tells_operators AFTER INSERT ON alarm FOR EACH ROW
    WHEN (NEW.kind IN ('lost_gateway', 'lost_channel', 'quarantine', 'foreign_write', 'not_stored', 'price_unknown', 'wrong_meter',
                       'ledger_difference', 'balance_unexplained', 'not_charged', 'relay_fault', 'cover_open', 'terminal_cover_open',
                       'messages_not_sent'))
    EXECUTE FUNCTION queue_message_cause('operations', 'alarm_id');
CREATE TRIGGER delivery_tells_tenant AFTER UPDATE OF state ON credit_delivery FOR EACH ROW
    WHEN (NEW.state = 'delivered' AND OLD.state <> 'delivered' AND NEW.kind IN ('open', 'top_up') AND NEW.amount_e4 > 0)
    EXECUTE FUNCTION queue_message_cause('delivery', 'delivery_id');
-- The credit of a server-held meter arrives with its sale. Other sales have a delivery, and cost nothing here.
CREATE TRIGGER sale_tells_tenant AFTER INSERT ON sale FOR EACH ROW
    WHEN (NEW.delivery_id IS NULL AND NEW.kind IN ('opening', 'sale') AND NEW.amount_e4 > 0)
    EXECUTE FUNCTION queue_message_cause('sale', 'sale_id');

-- messages_not_sent: of a property's messages some are overdue.
ALTER TABLE alarm DROP CONSTRAINT alarm_kind_check;
ALTER TABLE alarm ADD CONSTRAINT alarm_kind_check
    CHECK (kind IN ('alarm_1', 'alarm_2', 'arrears', 'lost_meter', 'lost_gateway', 'lost_channel', 'overload', 'fault', 'quarantine',
                    'foreign_write', 'not_stored', 'price_unknown', 'wrong_meter', 'ledger_difference', 'balance_unexplained',
                    'not_charged', 'implausible', 'cover_open', 'terminal_cover_open', 'voltage_loss', 'current_loss',
                    'reverse_power', 'relay_fault', 'battery_low', 'clock_drift', 'voltage_unbalance', 'current_unbalance',
                    'phase_order', 'messages_not_sent'));

-- ---- walls and privileges -------------------------------------------------------------------------
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['message_contact', 'message_cause', 'message_told', 'message'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY property_wall ON %I USING (property_id = ANY (allowed_properties())) '
                       'WITH CHECK (property_id = ANY (allowed_properties()))', t);
    END LOOP;
END
$$;
GRANT SELECT, INSERT, UPDATE, DELETE ON message_contact, message TO wutong_server;
GRANT SELECT, INSERT, UPDATE ON message_told TO wutong_server;
GRANT SELECT, UPDATE, DELETE ON message_cause TO wutong_server;
