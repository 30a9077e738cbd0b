-- Groups of meters that are charged alike, and tariff plans assigned to them. What counts before what: docs/tariffs.md.

CREATE TABLE meter_group (
    property_id bigint NOT NULL REFERENCES property,
    group_id    bigint GENERATED ALWAYS AS IDENTITY,
    code        text NOT NULL CHECK (length(code) BETWEEN 1 AND 32),
    name        text NOT NULL DEFAULT '' CHECK (length(name) <= 100),
    created_by  bigint NOT NULL,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (property_id, group_id)
);
CREATE UNIQUE INDEX meter_group_code ON meter_group (property_id, lower(code));

-- From which day on a meter is in which group; without one: in none. Rows are only added, the newest that has begun counts.
CREATE TABLE meter_group_member (
    property_id    bigint NOT NULL,
    membership_id  bigint GENERATED ALWAYS AS IDENTITY,
    meter_id       bigint NOT NULL,
    group_id       bigint,
    effective_from date NOT NULL,                               -- a day of the property's own calendar
    created_by     bigint NOT NULL,
    created_at     timestamptz NOT NULL,
    PRIMARY KEY (property_id, membership_id),
    FOREIGN KEY (property_id, meter_id) REFERENCES meter,
    FOREIGN KEY (property_id, group_id) REFERENCES meter_group
);
CREATE INDEX meter_group_member_of ON meter_group_member (property_id, meter_id, effective_from, membership_id);
CREATE INDEX meter_group_members ON meter_group_member (property_id, group_id, meter_id);
CREATE TRIGGER meter_group_member_append_only BEFORE UPDATE OR DELETE ON meter_group_member FOR EACH ROW EXECUTE FUNCTION refuse_change();

ALTER TABLE tariff_assignment ADD COLUMN group_id bigint;
ALTER TABLE tariff_assignment ADD FOREIGN KEY (property_id, group_id) REFERENCES meter_group;
ALTER TABLE tariff_assignment ADD CHECK (num_nonnulls(building_id, meter_id, group_id) <= 1);
CREATE INDEX tariff_assignment_of_group ON tariff_assignment (property_id, group_id, effective_from, assignment_id) WHERE group_id IS NOT NULL;

-- ---- walls and privileges -------------------------------------------------------------------------
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['meter_group', 'meter_group_member'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY property_wall ON %I USING (property_id = ANY (allowed_properties())) '
                       'WITH CHECK (property_id = ANY (allowed_properties()))', t);
    END LOOP;
END
$$;
GRANT SELECT, INSERT ON meter_group, meter_group_member TO wutong_server;
