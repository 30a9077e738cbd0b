-- What happens to meters besides counting, and how their clocks go.

-- One row for each event: found in what the meter shows (then it stands until it is no longer shown), or read from the meter's
-- own records. The same event is stored once.
CREATE TABLE meter_event (
    property_id bigint NOT NULL,
    event_id    bigint GENERATED ALWAYS AS IDENTITY,
    meter_id    bigint NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('cover_open', 'terminal_cover_open', 'voltage_loss', 'current_loss', 'reverse_power',
                                              'overload', 'relay_fault', 'fault', 'battery_low')),
    began_at    timestamptz NOT NULL,
    ended_at    timestamptz,
    recorded    boolean NOT NULL,            -- by the meter itself, with its times
    PRIMARY KEY (property_id, event_id),
    UNIQUE (property_id, meter_id, kind, began_at),
    FOREIGN KEY (property_id, meter_id) REFERENCES meter,
    CHECK (ended_at >= began_at)
);
CREATE UNIQUE INDEX meter_event_standing ON meter_event (property_id, meter_id, kind) WHERE ended_at IS NULL AND NOT recorded;

-- The newest look at each meter's clock, and what was done about it on the day.
CREATE TABLE meter_clock (
    property_id bigint NOT NULL,
    meter_id    bigint NOT NULL,
    measured_at timestamptz NOT NULL,
    drift_s     bigint NOT NULL,             -- the meter's clock less ours
    note        text NOT NULL DEFAULT '' CHECK (length(note) <= 300),   -- what was done, or why nothing
    day         date NOT NULL,               -- of the property's calendar
    moved_s     bigint NOT NULL DEFAULT 0 CHECK (moved_s >= 0),         -- on that day, in steps, without their signs
    steps       int NOT NULL DEFAULT 0 CHECK (steps >= 0),              -- on that day
    stepped_at  timestamptz,
    PRIMARY KEY (property_id, meter_id),
    FOREIGN KEY (property_id, meter_id) REFERENCES meter
);

ALTER TABLE alarm DROP CONSTRAINT alarm_kind_check;
ALTER TABLE alarm ADD CONSTRAINT alarm_kind_check
    CHECK (kind IN ('alarm_1', 'alarm_2', 'arrears', 'lost_meter', 'lost_gateway', 'lost_channel', 'overload', 'fault', 'quarantine',
                    'foreign_write', 'not_stored', 'price_unknown', 'wrong_meter', 'ledger_difference', 'balance_unexplained',
                    'not_charged', 'implausible', 'cover_open', 'terminal_cover_open', 'voltage_loss', 'current_loss',
                    'reverse_power', 'relay_fault', 'battery_low', 'clock_drift'));

-- ---- walls and privileges -------------------------------------------------------------------------
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['meter_event', 'meter_clock'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY property_wall ON %I USING (property_id = ANY (allowed_properties())) '
                       'WITH CHECK (property_id = ANY (allowed_properties()))', t);
    END LOOP;
END
$$;
GRANT SELECT ON meter_event, meter_clock TO wutong_server;
GRANT SELECT, INSERT, UPDATE ON meter_event, meter_clock TO wutong_collector;
-- Between which times of day a meter's clock is not moved.
GRANT SELECT (property_id, terms) ON tariff_version TO wutong_collector;
