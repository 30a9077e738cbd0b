-- Tariff plans, their versions, and who is charged by them. What the terms mean: docs/tariffs.md.

CREATE TABLE tariff_plan (
    property_id bigint NOT NULL REFERENCES property,
    plan_id     bigint GENERATED ALWAYS AS IDENTITY,
    name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    created_by  bigint NOT NULL,
    created_at  timestamptz NOT NULL,
    retired_at  timestamptz,                                    -- not to be assigned any more
    PRIMARY KEY (property_id, plan_id)
);
CREATE UNIQUE INDEX tariff_plan_name ON tariff_plan (property_id, lower(name)) WHERE retired_at IS NULL;

-- Rows are only added: a bill can be calculated again years later. A version that has not begun is put right by a
-- newer one of the same day.
CREATE TABLE tariff_version (
    property_id    bigint NOT NULL,
    version_id     bigint GENERATED ALWAYS AS IDENTITY,
    plan_id        bigint NOT NULL,
    effective_from date NOT NULL,                               -- a day of the property's own calendar
    terms          jsonb NOT NULL CHECK (jsonb_typeof(terms) = 'object' AND length(terms::text) <= 1000000),
    created_by     bigint NOT NULL,
    created_at     timestamptz NOT NULL,
    PRIMARY KEY (property_id, version_id),
    FOREIGN KEY (property_id, plan_id) REFERENCES tariff_plan
);
CREATE INDEX tariff_version_of_plan ON tariff_version (property_id, plan_id, effective_from, version_id);

-- From which day what is charged by which plan. Both null: the whole property. The narrowest that has begun counts, and of
-- several the newest; no plan ends the one before.
CREATE TABLE tariff_assignment (
    property_id    bigint NOT NULL REFERENCES property,
    assignment_id  bigint GENERATED ALWAYS AS IDENTITY,
    building_id    bigint,
    meter_id       bigint,
    plan_id        bigint,
    effective_from date NOT NULL,
    created_by     bigint NOT NULL,
    created_at     timestamptz NOT NULL,
    PRIMARY KEY (property_id, assignment_id),
    FOREIGN KEY (property_id, building_id) REFERENCES building,
    FOREIGN KEY (property_id, meter_id) REFERENCES meter,
    FOREIGN KEY (property_id, plan_id) REFERENCES tariff_plan,
    CHECK (building_id IS NULL OR meter_id IS NULL)
);
CREATE INDEX tariff_assignment_of ON tariff_assignment (property_id, meter_id, building_id, effective_from, assignment_id);

-- ---- walls and privileges ---------------------------------------------------------------------
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['tariff_plan', 'tariff_version', 'tariff_assignment'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY property_wall ON %I USING (property_id = ANY (allowed_properties())) '
                       'WITH CHECK (property_id = ANY (allowed_properties()))', t);
    END LOOP;
END
$$;
GRANT SELECT, INSERT ON tariff_plan, tariff_version, tariff_assignment TO wutong_server;
GRANT UPDATE (retired_at) ON tariff_plan TO wutong_server;
