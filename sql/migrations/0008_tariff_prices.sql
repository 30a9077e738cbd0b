-- Who may work with tariffs, and how their prices come to the meters.

UPDATE role SET permissions = permissions || '{tariff.read}' WHERE code IN ('manager', 'cashier', 'viewer');
UPDATE role SET permissions = permissions || '{tariff.write,tariff.assign}' WHERE code = 'manager';

-- Each price that a meter confirmed while it had an account: the collector adds the row with what it read back. Where the price
-- is a plan's, the server adds what that means. Rows are never taken away.
CREATE TABLE price_change (
    property_id    bigint NOT NULL,
    change_id      bigint GENERATED ALWAYS AS IDENTITY,
    meter_id       bigint NOT NULL,
    account_id     bigint NOT NULL,
    from_price_e4  bigint,                                      -- null: nobody knew
    to_price_e4    bigint NOT NULL,
    confirmed_at   timestamptz,                                 -- null: another price of the plan began before this one was there
    energy_wh      bigint,                                      -- the register then
    plan_id        bigint,                                      -- null: set by hand
    version_from   date,
    effective_at   timestamptz,                                 -- when the plan's price began
    late_wh        bigint CHECK (late_wh >= 0),                 -- used since, at the old price; null: no reading tells
    difference_e4  bigint,                                      -- late_wh times what the new price is above the old one
    PRIMARY KEY (property_id, change_id),
    FOREIGN KEY (property_id, meter_id) REFERENCES meter,
    FOREIGN KEY (property_id, account_id) REFERENCES account,
    FOREIGN KEY (property_id, plan_id) REFERENCES tariff_plan,
    CHECK (plan_id IS NULL OR (version_from IS NOT NULL AND effective_at IS NOT NULL)),
    CHECK (confirmed_at IS NOT NULL OR plan_id IS NOT NULL)
);
CREATE INDEX price_change_of_meter ON price_change (property_id, meter_id, change_id);

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
    FOREACH t IN ARRAY ARRAY['price_change', 'price_download'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY property_wall ON %I USING (property_id = ANY (allowed_properties())) '
                       'WITH CHECK (property_id = ANY (allowed_properties()))', t);
    END LOOP;
END
$$;
GRANT SELECT, INSERT ON price_change TO wutong_server;
GRANT UPDATE (plan_id, version_from, effective_at, late_wh, difference_e4) ON price_change TO wutong_server;
GRANT INSERT ON price_change TO wutong_collector;
GRANT SELECT, INSERT, UPDATE, DELETE ON price_download TO wutong_server;
