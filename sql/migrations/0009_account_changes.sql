-- Meters that were exchanged, with both readings as evidence; accounts that went to another tenant.

CREATE TABLE meter_exchange (
    property_id  bigint NOT NULL,
    exchange_id  bigint GENERATED ALWAYS AS IDENTITY,
    account_id   bigint NOT NULL,
    old_meter_id bigint NOT NULL,
    new_meter_id bigint NOT NULL CHECK (new_meter_id <> old_meter_id),
    at           timestamptz NOT NULL,
    operator_id  bigint NOT NULL,
    reason       text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    energy_wh    bigint,                        -- the old meter's last reading; null: it was never opened
    balance_e4   bigint,                        -- null: nobody knows
    read_at      timestamptz,
    typed_reason text NOT NULL DEFAULT '' CHECK (length(typed_reason) <= 500),   -- '': read by the collector
    new_energy_wh  bigint,                      -- the new one's, as it was read before
    new_balance_e4 bigint,
    new_read_at    timestamptz,
    ledger_e4    bigint NOT NULL,               -- on the old meter, with its use booked up to that reading
    carried_e4   bigint NOT NULL CHECK (carried_e4 >= 0),
    left_e4      bigint NOT NULL CHECK (left_e4 >= 0),
    rounding_e4  bigint NOT NULL,
    debt_e4      bigint NOT NULL CHECK (debt_e4 >= 0),
    unexplained_e4 bigint NOT NULL,
    delivery_id  bigint NOT NULL,               -- opens the new meter
    clear_delivery_id bigint,                   -- clears the old one; null: left as it is
    PRIMARY KEY (property_id, exchange_id),
    FOREIGN KEY (property_id, account_id) REFERENCES account,
    FOREIGN KEY (property_id, old_meter_id) REFERENCES meter,
    FOREIGN KEY (property_id, new_meter_id) REFERENCES meter,
    FOREIGN KEY (property_id, delivery_id) REFERENCES credit_delivery,
    FOREIGN KEY (property_id, clear_delivery_id) REFERENCES credit_delivery
);
CREATE INDEX meter_exchange_account ON meter_exchange (property_id, account_id, exchange_id);
CREATE INDEX meter_exchange_old ON meter_exchange (property_id, old_meter_id, exchange_id);
CREATE INDEX meter_exchange_new ON meter_exchange (property_id, new_meter_id, exchange_id);
CREATE TRIGGER meter_exchange_append_only BEFORE UPDATE OR DELETE ON meter_exchange FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Where an account's meters went, and where they came from.
CREATE TABLE account_transfer (
    property_id     bigint NOT NULL,
    from_account_id bigint NOT NULL,
    to_account_id   bigint NOT NULL,
    at              timestamptz NOT NULL,
    operator_id     bigint NOT NULL,
    carried         boolean NOT NULL,           -- what was on the meters went with them; else it became payable
    reason          text NOT NULL CHECK (length(reason) <= 500),
    PRIMARY KEY (property_id, from_account_id),
    FOREIGN KEY (property_id, from_account_id) REFERENCES account,
    FOREIGN KEY (property_id, to_account_id) REFERENCES account
);
CREATE UNIQUE INDEX account_transfer_to ON account_transfer (property_id, to_account_id);
CREATE TRIGGER account_transfer_append_only BEFORE UPDATE OR DELETE ON account_transfer FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- ---- walls and privileges -----------------------------------------------------------------------
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['meter_exchange', 'account_transfer'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY property_wall ON %I USING (property_id = ANY (allowed_properties())) '
                       'WITH CHECK (property_id = ANY (allowed_properties()))', t);
    END LOOP;
END
$$;
GRANT SELECT, INSERT ON meter_exchange, account_transfer TO wutong_server;
