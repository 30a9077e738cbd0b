-- The bytes of a channel for a while, recorded by its collector because somebody asked for them.

CREATE TABLE line_recording (
    property_id  bigint NOT NULL,
    recording_id bigint GENERATED ALWAYS AS IDENTITY,
    channel_id   bigint NOT NULL,
    operator_id  bigint NOT NULL,
    requested_at timestamptz NOT NULL DEFAULT now(),
    seconds      int NOT NULL CHECK (seconds BETWEEN 1 AND 3600),
    bytes_max    int NOT NULL CHECK (bytes_max BETWEEN 1000 AND 8000000),
    state        text NOT NULL DEFAULT 'wanted' CHECK (state IN ('wanted', 'running', 'done', 'failed')),
    collector    text NOT NULL DEFAULT '',
    began_at     timestamptz,
    ended_at     timestamptz,
    note         text NOT NULL DEFAULT '' CHECK (length(note) <= 300),
    content      bytea CHECK (octet_length(content) <= 8100000),
    PRIMARY KEY (property_id, recording_id),
    FOREIGN KEY (property_id, channel_id) REFERENCES channel,
    CHECK ((state = 'done') = (content IS NOT NULL)),
    CHECK (state <> 'running' OR began_at IS NOT NULL)
);
-- One of a channel at a time; and what collectors look for every few seconds.
CREATE UNIQUE INDEX line_recording_under_way ON line_recording (property_id, channel_id) WHERE state IN ('wanted', 'running');

ALTER TABLE line_recording ENABLE ROW LEVEL SECURITY;
CREATE POLICY property_wall ON line_recording USING (property_id = ANY (allowed_properties()))
    WITH CHECK (property_id = ANY (allowed_properties()));
GRANT SELECT, DELETE ON line_recording TO wutong_server;
GRANT INSERT (property_id, channel_id, operator_id, seconds, bytes_max) ON line_recording TO wutong_server;
GRANT UPDATE (state, ended_at, note) ON line_recording TO wutong_server;
-- A collector says what became of a request, and reads none of them.
GRANT SELECT (property_id, recording_id, channel_id, requested_at, seconds, bytes_max, state, collector, began_at) ON line_recording TO wutong_collector;
GRANT UPDATE (state, collector, began_at, ended_at, note, content) ON line_recording TO wutong_collector;

-- What goes over a line tells who uses how much: a right of its own.
UPDATE role SET permissions = permissions || '{device.record}' WHERE code = 'manager';
