-- Registers that can't show what they show: kept apart until a person has said what they are. The reading itself is stored with its
-- other values, and without energy, so that nothing is ever charged by it.

CREATE TABLE doubted_reading (
    property_id bigint NOT NULL,
    doubt_id    bigint GENERATED ALWAYS AS IDENTITY,
    meter_id    bigint NOT NULL,
    read_at     timestamptz NOT NULL,
    verdict     text NOT NULL CHECK (verdict IN ('rollover', 'reset', 'backwards', 'jump', 'torn', 'frozen', 'repeated')),
    shown_wh    bigint NOT NULL,
    before_wh   bigint NOT NULL,                 -- the last register that was believed
    before_at   timestamptz NOT NULL,
    capacity_wh bigint CHECK (capacity_wh > 0),  -- of a rollover: the first value that the register can't show
    text        text NOT NULL DEFAULT '' CHECK (length(text) <= 500),
    -- used: it is right, and what lies between was used; anew: the register counts from here, nothing between is charged;
    -- ignored: it was wrong. settled: it needed nobody (torn, or plausible again by itself).
    decision    text CHECK (decision IN ('used', 'anew', 'ignored', 'settled')),
    reason      text CHECK (length(reason) BETWEEN 1 AND 500),
    decided_by  bigint,
    decided_at  timestamptz,
    PRIMARY KEY (property_id, doubt_id),
    UNIQUE (property_id, meter_id, read_at),
    FOREIGN KEY (property_id, meter_id) REFERENCES meter,
    CHECK ((decision IS NULL) = (decided_at IS NULL))
);
CREATE INDEX doubted_reading_open ON doubted_reading (property_id, doubt_id) WHERE decision IS NULL;

-- When energy_wh was shown: a register that is doubted leaves it as it was, while the other values go on.
ALTER TABLE meter_state ADD COLUMN energy_at timestamptz;
-- When a person last said what the register is: the collector believes it from then on.
ALTER TABLE meter_state ADD COLUMN register_decided_at timestamptz;
UPDATE meter_state SET energy_at = answered_at WHERE energy_wh IS NOT NULL;

-- implausible: a register shows what can't be; see doubted_reading.
ALTER TABLE alarm DROP CONSTRAINT alarm_kind_check;
ALTER TABLE alarm ADD CONSTRAINT alarm_kind_check
    CHECK (kind IN ('alarm_1', 'alarm_2', 'arrears', 'lost_meter', 'lost_gateway', 'lost_channel', 'overload', 'fault', 'quarantine',
                    'foreign_write', 'not_stored', 'price_unknown', 'wrong_meter', 'ledger_difference', 'balance_unexplained',
                    'not_charged', 'implausible'));

ALTER TABLE doubted_reading ENABLE ROW LEVEL SECURITY;
CREATE POLICY property_wall ON doubted_reading USING (property_id = ANY (allowed_properties()))
    WITH CHECK (property_id = ANY (allowed_properties()));
GRANT SELECT, UPDATE ON doubted_reading TO wutong_server;
GRANT UPDATE (energy_wh, energy_at, register_decided_at, changed_xid) ON meter_state TO wutong_server;
GRANT SELECT, INSERT, UPDATE ON doubted_reading TO wutong_collector;

UPDATE role SET permissions = permissions || '{reading.review}' WHERE code = 'manager';
