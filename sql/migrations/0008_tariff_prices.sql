-- Who may work with tariffs, and how their prices come to the meters.

UPDATE role SET permissions = permissions || '{tariff.read}' WHERE code IN ('manager', 'cashier', 'viewer');
UPDATE role SET permissions = permissions || '{tariff.write,tariff.assign}' WHERE code = 'manager';

-- What the time between a plan's price being due and being on the meter (price_change) means for the tenant. Rows are only added.
CREATE TABLE plan_price (
    property_id     bigint NOT NULL,
    plan_price_id   bigint GENERATED ALWAYS AS IDENTITY,
    meter_id        bigint NOT NULL,
    account_id      bigint NOT NULL,
    plan_id         bigint NOT NULL,
    version_from    date NOT NULL,
    price_e4        bigint NOT NULL,
    effective_at    timestamptz NOT NULL,                       -- when it was due
    ended_at        timestamptz NOT NULL,                       -- when it was there, or another one was due
    change_id       bigint,                                     -- null: it never was there
    price_before_e4 bigint,                                     -- null: nobody knew
    energy_wh       bigint,                                     -- the register at ended_at
    late_wh         bigint CHECK (late_wh >= 0),                -- used meanwhile at the old price; null: no reading tells
    difference_e4   bigint,                                     -- late_wh times what this price is above the old one
    PRIMARY KEY (property_id, plan_price_id),
    FOREIGN KEY (property_id, meter_id) REFERENCES meter,
    FOREIGN KEY (property_id, account_id) REFERENCES account,
    FOREIGN KEY (property_id, plan_id) REFERENCES tariff_plan,
    FOREIGN KEY (property_id, change_id) REFERENCES price_change
);
CREATE INDEX plan_price_of_meter ON plan_price (property_id, meter_id, ended_at);
CREATE UNIQUE INDEX plan_price_of_change ON plan_price (property_id, change_id) WHERE change_id IS NOT NULL;
CREATE TRIGGER plan_price_append_only BEFORE UPDATE OR DELETE ON plan_price FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Meters that do not charge their plan's price yet. A row goes when the meter has confirmed it.
CREATE TABLE price_download (
    property_id     bigint NOT NULL,
    meter_id        bigint NOT NULL,
    account_id      bigint NOT NULL,
    plan_id         bigint NOT NULL,
    version_from    date NOT NULL,
    wanted_price_e4 bigint NOT NULL CHECK (wanted_price_e4 BETWEEN 0 AND 1000000000),
    effective_at    timestamptz NOT NULL,
    ordered_by      bigint NOT NULL,                            -- who assigned the plan, or added the version: the newer of the two
    attempts        int NOT NULL DEFAULT 0,
    command_id      bigint,                                     -- the newest
    next_attempt_at timestamptz,                                -- null: a command is under way, or it was given up
    given_up        boolean NOT NULL DEFAULT false,
    why             text NOT NULL DEFAULT '' CHECK (length(why) <= 1000),
    PRIMARY KEY (property_id, meter_id),
    FOREIGN KEY (property_id, meter_id) REFERENCES meter,
    FOREIGN KEY (property_id, account_id) REFERENCES account,
    FOREIGN KEY (property_id, plan_id) REFERENCES tariff_plan
);

-- ---- walls and privileges ---------------------------------------------------------------------
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['plan_price', 'price_download'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY property_wall ON %I USING (property_id = ANY (allowed_properties())) '
                       'WITH CHECK (property_id = ANY (allowed_properties()))', t);
    END LOOP;
END
$$;
GRANT SELECT, INSERT ON plan_price TO wutong_server;
GRANT SELECT, INSERT, UPDATE, DELETE ON price_download TO wutong_server;
