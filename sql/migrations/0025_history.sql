-- Long times: which meters a feeder feeds, how the archive's job is getting on, and events that a policy forgets.

-- A feeder or transformer meter and the meters behind it, for losses. A meter may be behind several (its feeder and the transformer).
CREATE TABLE meter_feed (
    property_id bigint NOT NULL,
    feeder_id   bigint NOT NULL,
    meter_id    bigint NOT NULL,
    PRIMARY KEY (property_id, feeder_id, meter_id),
    FOREIGN KEY (property_id, feeder_id) REFERENCES meter,
    FOREIGN KEY (property_id, meter_id) REFERENCES meter,
    CHECK (feeder_id <> meter_id)
);
CREATE INDEX meter_feed_of ON meter_feed (property_id, meter_id);

-- One row: the last round of the job that moves readings into the archive, whichever server did it.
CREATE TABLE history_round (
    one            boolean PRIMARY KEY DEFAULT true CHECK (one),
    wanted_at      timestamptz,                       -- somebody asked for a round
    begun_at       timestamptz,
    finished_at    timestamptz,                       -- null: it is at it, or its server ended in the middle
    moved_readings bigint NOT NULL DEFAULT 0,
    forgotten      bigint NOT NULL DEFAULT 0,         -- rows, or months of meters
    error          text NOT NULL DEFAULT '' CHECK (length(error) <= 2000)
);
INSERT INTO history_round DEFAULT VALUES;

-- Over events: when they ended, or when those began of which the meter told no end.
CREATE INDEX meter_event_over ON meter_event (property_id, (COALESCE(ended_at, began_at))) WHERE ended_at IS NOT NULL OR recorded;

-- As in 0019, with events. A meter's own records are read 400 days back; what is younger would come again.
CREATE OR REPLACE FUNCTION forget_history(the_property bigint, what text, before timestamptz, most int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = wutong, pg_temp AS
$$
DECLARE
    gone int;
BEGIN
    IF before > now() - (CASE what WHEN 'request' THEN interval '7 days' WHEN 'instant' THEN interval '90 days'
                                  WHEN 'event' THEN interval '410 days' ELSE interval '360 days' END) THEN
        RAISE EXCEPTION '% of % are too young to be forgotten', what, before USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF what = 'request' THEN
        DELETE FROM request WHERE (property_id, request_id) IN (
            SELECT property_id, request_id FROM request WHERE property_id = the_property AND at < before LIMIT most);
    ELSIF what = 'alarm' THEN
        DELETE FROM alarm WHERE property_id = the_property AND alarm_id IN (
            SELECT alarm_id FROM alarm WHERE property_id = the_property AND cleared_at < before LIMIT most);
    ELSIF what = 'event' THEN
        DELETE FROM meter_event WHERE property_id = the_property AND event_id IN (
            SELECT event_id FROM meter_event WHERE property_id = the_property AND (ended_at IS NOT NULL OR recorded)
            AND COALESCE(ended_at, began_at) < before LIMIT most);
    ELSIF what = 'instant' THEN
        UPDATE reading_archive SET power_w = NULL, reactive_var = NULL, power_factor_e3 = NULL, frequency_mhz = NULL, voltage_mv_1 = NULL,
            voltage_mv_2 = NULL, voltage_mv_3 = NULL, current_ma_1 = NULL, current_ma_2 = NULL, current_ma_3 = NULL, phases = NULL
        WHERE property_id = the_property AND (meter_id, month) IN (
            SELECT meter_id, month FROM reading_archive WHERE property_id = the_property AND last_at < before
            AND num_nonnulls(power_w, reactive_var, power_factor_e3, frequency_mhz, phases) > 0 LIMIT most);
    ELSIF what = 'reading' THEN
        DELETE FROM reading_archive WHERE property_id = the_property AND (meter_id, month) IN (
            SELECT meter_id, month FROM reading_archive WHERE property_id = the_property AND last_at < before LIMIT most);
    ELSE
        RAISE EXCEPTION 'nothing is known of "%"', what USING ERRCODE = 'invalid_parameter_value';
    END IF;
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END
$$;

-- How large the months of the hot table and the archive are. The rows are the planner's estimate: counting them would read them.
CREATE FUNCTION hot_month_sizes() RETURNS TABLE (month date, bytes bigint, readings bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = wutong, pg_temp AS
$$
    SELECT to_date(substr(c.relname, 9), 'YYYY_MM'), pg_total_relation_size(c.oid), greatest(c.reltuples, 0)::bigint
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'wutong.reading'::regclass AND c.relname ~ '^reading_[0-9]{4}_[0-9]{2}$' ORDER BY 1
$$;

-- ---- walls and privileges -------------------------------------------------------------------------
ALTER TABLE meter_feed ENABLE ROW LEVEL SECURITY;
CREATE POLICY property_wall ON meter_feed USING (property_id = ANY (allowed_properties()))
    WITH CHECK (property_id = ANY (allowed_properties()));
GRANT SELECT, INSERT, DELETE ON meter_feed TO wutong_server;
GRANT SELECT, UPDATE ON history_round TO wutong_server;
REVOKE EXECUTE ON FUNCTION hot_month_sizes() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hot_month_sizes() TO wutong_server;
