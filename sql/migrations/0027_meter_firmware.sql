-- Which firmware a meter runs, as it tells it itself: the newest look, since when, and what it was before.
CREATE TABLE meter_firmware (
    property_id bigint NOT NULL,
    meter_id    bigint NOT NULL,
    version     text NOT NULL CHECK (length(version) BETWEEN 1 AND 80),
    read_at     timestamptz NOT NULL,
    since       timestamptz NOT NULL,
    before      text NOT NULL DEFAULT '' CHECK (length(before) <= 80),
    PRIMARY KEY (property_id, meter_id),
    FOREIGN KEY (property_id, meter_id) REFERENCES meter
);
ALTER TABLE meter_firmware ENABLE ROW LEVEL SECURITY;
CREATE POLICY property_wall ON meter_firmware USING (property_id = ANY (allowed_properties()))
    WITH CHECK (property_id = ANY (allowed_properties()));
GRANT SELECT ON meter_firmware TO wutong_server;
GRANT SELECT, INSERT, UPDATE ON meter_firmware TO wutong_collector;
