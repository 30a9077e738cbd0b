-- The two balances of a meter: what was seen that explains a difference between ledger and meter, and the proofs that are taken of
-- all meters of a property.

-- A balance that moved without us: how far, beyond what use explains. Kept when the alarm foreign_write is long cleared, because the
-- difference stays.
CREATE TABLE foreign_write (
    property_id bigint NOT NULL,
    write_id    bigint GENERATED ALWAYS AS IDENTITY,
    meter_id    bigint NOT NULL,
    at          timestamptz NOT NULL,                                  -- of the look that found it
    jump_e4     bigint NOT NULL CHECK (jump_e4 <> 0),
    balance_before_e4 bigint NOT NULL,
    balance_e4  bigint NOT NULL,
    energy_before_wh bigint NOT NULL,
    energy_wh   bigint NOT NULL,
    PRIMARY KEY (property_id, write_id),
    FOREIGN KEY (property_id, meter_id) REFERENCES meter
);
CREATE INDEX foreign_write_of_meter ON foreign_write (property_id, meter_id, at);

-- A price that was confirmed on a tenant's meter. Use is booked at the old one up to energy_wh; the meter may have charged the new one
-- since energy_sent_wh, the last register read before the price was sent.
CREATE TABLE price_change (
    property_id     bigint NOT NULL,
    change_id       bigint GENERATED ALWAYS AS IDENTITY,
    account_id      bigint NOT NULL,
    meter_id        bigint NOT NULL,
    command_id      bigint,
    at              timestamptz NOT NULL,
    price_before_e4 bigint NOT NULL,
    price_e4        bigint NOT NULL,
    energy_wh       bigint NOT NULL,
    energy_sent_wh  bigint,
    PRIMARY KEY (property_id, change_id),
    FOREIGN KEY (property_id, meter_id) REFERENCES meter,
    FOREIGN KEY (property_id, account_id) REFERENCES account
);
CREATE INDEX price_change_of_meter ON price_change (property_id, meter_id, at);

-- ---- proofs -------------------------------------------------------------------------------------
CREATE TABLE balance_proof (
    property_id    bigint NOT NULL REFERENCES property,
    proof_id       bigint GENERATED ALWAYS AS IDENTITY,
    day            date NOT NULL,                                      -- of the property's own calendar
    scheduled      boolean NOT NULL,
    operator_id    bigint,                                             -- who asked for it; null: the nightly one
    started_at     timestamptz NOT NULL,
    finished_at    timestamptz NOT NULL,
    meters         bigint NOT NULL CHECK (meters >= 0),
    not_read       bigint NOT NULL CHECK (not_read >= 0),
    stale          bigint NOT NULL CHECK (stale >= 0),
    ledger_e4      bigint NOT NULL,
    meter_e4       bigint NOT NULL,
    in_flight_e4       bigint NOT NULL,
    use_not_booked_e4  bigint NOT NULL,
    price_change_e4    bigint NOT NULL,
    rounding_e4        bigint NOT NULL,
    foreign_write_e4   bigint NOT NULL,
    unexplained_e4     bigint NOT NULL,
    unexplained    bigint NOT NULL CHECK (unexplained >= 0),           -- meters
    PRIMARY KEY (property_id, proof_id),
    CHECK (meter_e4 - ledger_e4 = in_flight_e4 + use_not_booked_e4 + price_change_e4 + rounding_e4 + foreign_write_e4 + unexplained_e4)
);
-- One a night, whichever server is first.
CREATE UNIQUE INDEX balance_proof_night ON balance_proof (property_id, day) WHERE scheduled;

-- What a proof found unexplained: the largest first, at most 1000.
CREATE TABLE balance_proof_meter (
    property_id bigint NOT NULL,
    proof_id    bigint NOT NULL,
    place       int NOT NULL CHECK (place BETWEEN 1 AND 1000),
    meter_id    bigint NOT NULL,
    account_id  bigint NOT NULL,
    ledger_e4   bigint NOT NULL,
    meter_e4    bigint NOT NULL,
    read_at     timestamptz NOT NULL,
    in_flight_e4       bigint NOT NULL,
    use_not_booked_e4  bigint NOT NULL,
    price_change_e4    bigint NOT NULL,
    rounding_e4        bigint NOT NULL,
    foreign_write_e4   bigint NOT NULL,
    unexplained_e4     bigint NOT NULL CHECK (unexplained_e4 <> 0),
    PRIMARY KEY (property_id, proof_id, place),
    FOREIGN KEY (property_id, proof_id) REFERENCES balance_proof,
    FOREIGN KEY (property_id, meter_id) REFERENCES meter,
    FOREIGN KEY (property_id, account_id) REFERENCES account
);
CREATE TRIGGER balance_proof_append_only BEFORE UPDATE OR DELETE ON balance_proof FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER balance_proof_meter_append_only BEFORE UPDATE OR DELETE ON balance_proof_meter FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER foreign_write_append_only BEFORE UPDATE OR DELETE ON foreign_write FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER price_change_append_only BEFORE UPDATE OR DELETE ON price_change FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- balance_unexplained: the newest proof found meters whose balance nothing explains. Of the property, not of a meter.
ALTER TABLE alarm DROP CONSTRAINT alarm_kind_check;
ALTER TABLE alarm ADD CONSTRAINT alarm_kind_check
    CHECK (kind IN ('alarm_1', 'alarm_2', 'arrears', 'lost_meter', 'lost_gateway', 'lost_channel', 'overload', 'fault', 'quarantine',
                    'foreign_write', 'not_stored', 'price_unknown', 'wrong_meter', 'ledger_difference', 'balance_unexplained'));

-- ---- walls and privileges -----------------------------------------------------------------------
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['foreign_write', 'price_change', 'balance_proof', 'balance_proof_meter'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY property_wall ON %I USING (property_id = ANY (allowed_properties())) '
                       'WITH CHECK (property_id = ANY (allowed_properties()))', t);
    END LOOP;
END
$$;
GRANT SELECT, INSERT ON foreign_write, price_change, balance_proof, balance_proof_meter TO wutong_server;
-- The collector looks whether a jump is kept already.
GRANT SELECT ON foreign_write TO wutong_collector;
GRANT INSERT ON foreign_write, price_change TO wutong_collector;

UPDATE role SET permissions = permissions || '{ledger.prove}' WHERE code = 'manager';
