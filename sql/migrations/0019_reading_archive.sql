-- The data-transfer service: readings of past months leave the hot table, a meter's month at a time, and lie squeezed in an archive that
-- every question about readings still sees. Moving is one statement: the rows are deleted there and kept here, or neither; so a process
-- that dies in the middle loses and doubles nothing, and whoever reads meanwhile sees each reading once.

-- One row a meter and month (UTC), a list a column, in the order of the times. A column that the meter does not tell is null as a whole.
CREATE TABLE reading_archive (
    property_id bigint NOT NULL,
    meter_id bigint NOT NULL,
    month date NOT NULL CHECK (extract(day FROM month) = 1),
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    readings int NOT NULL CHECK (readings > 0),
    read_at timestamptz[] NOT NULL,
    energy_wh bigint[], sharp_wh bigint[], peak_wh bigint[], flat_wh bigint[], valley_wh bigint[], reverse_wh bigint[],
    balance_e4 bigint[], purchase_number bigint[], power_w bigint[], reactive_var bigint[], power_factor_e3 int[],
    frequency_mhz int[], voltage_mv_1 bigint[], voltage_mv_2 bigint[], voltage_mv_3 bigint[], current_ma_1 bigint[],
    current_ma_2 bigint[], current_ma_3 bigint[], relay_closed boolean[],
    phases smallint[],  -- of voltage * 4 + of current
    source text[] NOT NULL,
    PRIMARY KEY (property_id, meter_id, month)
);

-- What was moved so far, for whoever watches. A month may be there in part: meters whose readings are still needed stay behind.
CREATE TABLE reading_month (
    month        date PRIMARY KEY CHECK (extract(day FROM month) = 1),
    begun_at     timestamptz NOT NULL DEFAULT now(),
    moved_at     timestamptz NOT NULL DEFAULT now(),  -- the last time that something was moved
    finished_at  timestamptz,                         -- when the hot table's partition went
    meters       bigint NOT NULL DEFAULT 0,
    readings     bigint NOT NULL DEFAULT 0,
    bytes_before bigint NOT NULL DEFAULT 0            -- of the partition when it was begun
);

CREATE FUNCTION unpack_readings(a reading_archive) RETURNS SETOF reading LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$
    SELECT a.property_id, a.meter_id, u.read_at, u.energy_wh, u.sharp_wh, u.peak_wh, u.flat_wh, u.valley_wh, u.reverse_wh, u.balance_e4,
           u.purchase_number, u.power_w, u.reactive_var, u.power_factor_e3, u.frequency_mhz,
           -- As many phases as there were: empty and unknown are not the same as zero.
           CASE WHEN COALESCE(u.phases, 0) / 4 = 0 THEN NULL ELSE (ARRAY[u.voltage_mv_1, u.voltage_mv_2, u.voltage_mv_3])[:u.phases / 4] END,
           CASE WHEN COALESCE(u.phases, 0) % 4 = 0 THEN NULL ELSE (ARRAY[u.current_ma_1, u.current_ma_2, u.current_ma_3])[:u.phases % 4] END,
           u.relay_closed, u.source
    FROM unnest(a.read_at,
                a.energy_wh, a.sharp_wh, a.peak_wh, a.flat_wh, a.valley_wh, a.reverse_wh, a.balance_e4, a.purchase_number,
                a.power_w, a.reactive_var, a.power_factor_e3, a.frequency_mhz, a.voltage_mv_1, a.voltage_mv_2, a.voltage_mv_3,
                a.current_ma_1, a.current_ma_2, a.current_ma_3, a.relay_closed, a.phases, a.source)
        AS u(read_at,
             energy_wh, sharp_wh, peak_wh, flat_wh, valley_wh, reverse_wh, balance_e4, purchase_number, power_w, reactive_var,
             power_factor_e3, frequency_mhz, voltage_mv_1, voltage_mv_2, voltage_mv_3, current_ma_1, current_ma_2, current_ma_3,
             relay_closed, phases, source)
$$;

-- Everything that was read of a meter from one time (included) to another (excluded), wherever it lies. The planner looks into it: only
-- the partitions of that time and the archived months of that meter are touched.
CREATE FUNCTION readings_between(the_property bigint, the_meter bigint, from_at timestamptz, to_at timestamptz) RETURNS SETOF reading
LANGUAGE sql STABLE PARALLEL SAFE AS
$$
    SELECT r.* FROM wutong.reading r
    WHERE r.property_id = the_property AND r.meter_id = the_meter AND r.read_at >= from_at AND r.read_at < to_at
    UNION ALL
    SELECT u.* FROM wutong.reading_archive a CROSS JOIN LATERAL wutong.unpack_readings(a) AS u
    WHERE a.property_id = the_property AND a.meter_id = the_meter AND a.last_at >= from_at AND a.first_at < to_at
    AND a.month > (from_at AT TIME ZONE 'UTC' - interval '1 month')::date AND a.month <= (to_at AT TIME ZONE 'UTC')::date
    AND u.read_at >= from_at AND u.read_at < to_at
$$;

-- The months that lie in the hot table, oldest first.
CREATE FUNCTION hot_months() RETURNS SETOF date LANGUAGE sql STABLE SET search_path = wutong, pg_temp AS
$$
    SELECT to_date(substr(c.relname, 9), 'YYYY_MM') FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'wutong.reading'::regclass AND c.relname ~ '^reading_[0-9]{4}_[0-9]{2}$' ORDER BY 1
$$;

-- Moves the next meters' readings of a month: those after (after_meter) of one property. What is still needed stays: readings that the
-- server has not charged yet, a register that waits for a person's word, days that are not told yet. Never of the last two months.
-- No row: nothing follows. moved_readings null: another process is at it.
CREATE FUNCTION archive_readings(the_month date, the_property bigint, after_meter bigint, meters_max int)
RETURNS TABLE (last_meter bigint, moved_meters int, moved_readings bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = wutong, pg_temp SET plan_cache_mode = force_custom_plan
SET work_mem = '32MB' SET jit = off AS
$$
DECLARE
    part    text := 'reading_' || to_char(the_month, 'YYYY_MM');
    month_end   timestamptz := (the_month + interval '1 month') AT TIME ZONE 'UTC';
    chosen  bigint[];
    ready   bigint[];
    moved   int;
    kept    bigint;
BEGIN
    IF extract(day FROM the_month) <> 1 OR month_end > now() - interval '60 days' THEN
        RAISE EXCEPTION 'readings of % stay where they are', the_month USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF to_regclass('wutong.' || part) IS NULL THEN
        RETURN;
    END IF;
    IF NOT pg_try_advisory_xact_lock(hashtext('wutong.archive_readings')) THEN
        RETURN QUERY SELECT after_meter, 0, NULL::bigint;
        RETURN;
    END IF;
    -- From meter to meter by the key: a DISTINCT would read all of their rows.
    EXECUTE format('WITH RECURSIVE found AS ('
                   '(SELECT meter_id, 1 AS n FROM wutong.%1$I WHERE property_id = $1 AND meter_id > $2 ORDER BY meter_id LIMIT 1) UNION ALL '
                   'SELECT more.meter_id, f.n + 1 FROM found f CROSS JOIN LATERAL (SELECT meter_id FROM wutong.%1$I WHERE property_id = $1 '
                   'AND meter_id > f.meter_id ORDER BY meter_id LIMIT 1) AS more WHERE f.n < $3) SELECT array_agg(meter_id) FROM found', part)
        INTO chosen USING the_property, after_meter, meters_max;
    IF chosen IS NULL THEN
        RETURN;
    END IF;
    SELECT array_agg(m.meter_id) INTO ready FROM unnest(chosen) AS m(meter_id)
    WHERE NOT EXISTS (SELECT FROM held_charge c WHERE c.property_id = the_property AND c.meter_id = m.meter_id AND c.ended_at IS NULL
                      AND c.charged_at < month_end)
    AND NOT EXISTS (SELECT FROM doubted_reading d WHERE d.property_id = the_property AND d.meter_id = m.meter_id AND d.decision IS NULL
                    AND d.before_at < month_end)
    AND NOT EXISTS (SELECT FROM energy_due e WHERE e.property_id = the_property AND e.from_at < month_end AND m.meter_id = ANY (e.meter_ids));
    INSERT INTO reading_month (month, bytes_before) VALUES (the_month, pg_total_relation_size(('wutong.' || part)::regclass))
        ON CONFLICT (month) DO NOTHING;
    EXECUTE format($move$
        WITH gone AS (
            DELETE FROM wutong.%1$I WHERE property_id = $1 AND meter_id = ANY ($2)
            AND COALESCE(cardinality(voltage_mv), 0) <= 3 AND COALESCE(cardinality(current_ma), 0) <= 3 RETURNING *),
        -- Readings that come after their month was moved join those that lie there. The same one again is dropped.
        lines AS (
            SELECT DISTINCT ON (meter_id, read_at) * FROM (
                SELECT g.*, 1 AS place FROM gone g
                UNION ALL SELECT u.*, 0 FROM wutong.reading_archive a CROSS JOIN LATERAL wutong.unpack_readings(a) AS u
                WHERE a.property_id = $1 AND a.meter_id = ANY ($2) AND a.month = $3 AND a.meter_id IN (SELECT meter_id FROM gone)) AS both_places
            ORDER BY meter_id, read_at, place),
        kept AS (
            INSERT INTO wutong.reading_archive AS a
            SELECT $1, meter_id, $3, min(read_at), max(read_at), count(*), array_agg(read_at),
                   CASE WHEN count(energy_wh) > 0 THEN array_agg(energy_wh) END,
                   CASE WHEN count(sharp_wh) > 0 THEN array_agg(sharp_wh) END,
                   CASE WHEN count(peak_wh) > 0 THEN array_agg(peak_wh) END,
                   CASE WHEN count(flat_wh) > 0 THEN array_agg(flat_wh) END,
                   CASE WHEN count(valley_wh) > 0 THEN array_agg(valley_wh) END,
                   CASE WHEN count(reverse_wh) > 0 THEN array_agg(reverse_wh) END,
                   CASE WHEN count(balance_e4) > 0 THEN array_agg(balance_e4) END,
                   CASE WHEN count(purchase_number) > 0 THEN array_agg(purchase_number) END,
                   CASE WHEN count(power_w) > 0 THEN array_agg(power_w) END,
                   CASE WHEN count(reactive_var) > 0 THEN array_agg(reactive_var) END,
                   CASE WHEN count(power_factor_e3) > 0 THEN array_agg(power_factor_e3) END,
                   CASE WHEN count(frequency_mhz) > 0 THEN array_agg(frequency_mhz) END,
                   CASE WHEN count(voltage_mv[1]) > 0 THEN array_agg(voltage_mv[1]) END,
                   CASE WHEN count(voltage_mv[2]) > 0 THEN array_agg(voltage_mv[2]) END,
                   CASE WHEN count(voltage_mv[3]) > 0 THEN array_agg(voltage_mv[3]) END,
                   CASE WHEN count(current_ma[1]) > 0 THEN array_agg(current_ma[1]) END,
                   CASE WHEN count(current_ma[2]) > 0 THEN array_agg(current_ma[2]) END,
                   CASE WHEN count(current_ma[3]) > 0 THEN array_agg(current_ma[3]) END,
                   CASE WHEN count(relay_closed) > 0 THEN array_agg(relay_closed) END,
                   CASE WHEN count(voltage_mv) + count(current_ma) > 0 THEN
                       array_agg((COALESCE(cardinality(voltage_mv), 0) * 4 + COALESCE(cardinality(current_ma), 0))::smallint) END,
                   array_agg(source)
            FROM lines GROUP BY meter_id
            ON CONFLICT (property_id, meter_id, month) DO UPDATE SET (first_at, last_at, readings, read_at, 
                    energy_wh, sharp_wh, peak_wh, flat_wh, valley_wh, reverse_wh, balance_e4, purchase_number, power_w,
                    reactive_var, power_factor_e3, frequency_mhz, voltage_mv_1, voltage_mv_2, voltage_mv_3, current_ma_1,
                    current_ma_2, current_ma_3, relay_closed, phases, source) =
                (excluded.first_at, excluded.last_at, excluded.readings, excluded.read_at, 
                    excluded.energy_wh, excluded.sharp_wh, excluded.peak_wh, excluded.flat_wh, excluded.valley_wh,
                    excluded.reverse_wh, excluded.balance_e4, excluded.purchase_number, excluded.power_w, excluded.reactive_var,
                    excluded.power_factor_e3, excluded.frequency_mhz, excluded.voltage_mv_1, excluded.voltage_mv_2,
                    excluded.voltage_mv_3, excluded.current_ma_1, excluded.current_ma_2, excluded.current_ma_3,
                    excluded.relay_closed, excluded.phases, excluded.source)
            RETURNING 1)
        SELECT (SELECT count(*) FROM kept), (SELECT count(*) FROM gone)$move$, part)
        INTO moved, kept USING the_property, COALESCE(ready, '{}'), the_month;
    UPDATE reading_month m SET meters = m.meters + moved, readings = m.readings + kept, moved_at = now()
    WHERE m.month = the_month AND kept > 0;
    RETURN QUERY SELECT chosen[cardinality(chosen)], moved, kept;
END
$$;

-- Takes the partition of a month away when nothing is left in it. Whoever reads or writes readings goes first: it waits for a moment only.
CREATE FUNCTION drop_empty_month(the_month date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = wutong, pg_temp SET lock_timeout = '300ms' AS
$$
DECLARE
    part text := 'reading_' || to_char(the_month, 'YYYY_MM');
    rest boolean;
BEGIN
    IF to_regclass('wutong.' || part) IS NULL THEN
        RETURN true;
    END IF;
    IF (the_month + interval '1 month') AT TIME ZONE 'UTC' > now() - interval '60 days' THEN
        RETURN false;
    END IF;
    -- First without a lock: it is seldom empty.
    EXECUTE format('SELECT EXISTS (SELECT FROM wutong.%I ORDER BY property_id, meter_id, read_at LIMIT 1)', part) INTO rest;
    IF rest THEN
        RETURN false;
    END IF;
    LOCK TABLE ONLY reading IN ACCESS EXCLUSIVE MODE;
    EXECUTE format('LOCK TABLE wutong.%I IN ACCESS EXCLUSIVE MODE', part);
    EXECUTE format('SELECT EXISTS (SELECT FROM wutong.%I ORDER BY property_id, meter_id, read_at LIMIT 1)', part) INTO rest;
    IF rest THEN
        RETURN false;
    END IF;
    EXECUTE format('DROP TABLE wutong.%I', part);
    UPDATE reading_month SET finished_at = now() WHERE month = the_month;
    RETURN true;
EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
    RETURN false;
END
$$;

-- What a property's policy says is to be forgotten, at most so many rows at once; returns how many. Never asked of the ledger, of
-- sales, of the operation log. The limits here hold whatever a caller says.
CREATE FUNCTION forget_history(the_property bigint, what text, before timestamptz, most int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = wutong, pg_temp AS
$$
DECLARE
    gone int;
BEGIN
    IF before > now() - (CASE what WHEN 'request' THEN interval '7 days' WHEN 'instant' THEN interval '90 days'
                                  ELSE interval '360 days' END) THEN
        RAISE EXCEPTION '% of % are too young to be forgotten', what, before USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF what = 'request' THEN
        DELETE FROM request WHERE (property_id, request_id) IN (
            SELECT property_id, request_id FROM request WHERE property_id = the_property AND at < before LIMIT most);
    ELSIF what = 'alarm' THEN
        DELETE FROM alarm WHERE property_id = the_property AND alarm_id IN (
            SELECT alarm_id FROM alarm WHERE property_id = the_property AND cleared_at < before LIMIT most);
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
-- Requests come in the order of their time: small, and it costs a sale next to nothing.
CREATE INDEX request_at ON request USING brin (at) WITH (pages_per_range = 32, autosummarize = on);

ALTER TABLE reading_archive ENABLE ROW LEVEL SECURITY;
CREATE POLICY property_wall ON reading_archive USING (property_id = ANY (allowed_properties()))
    WITH CHECK (property_id = ANY (allowed_properties()));
REVOKE EXECUTE ON FUNCTION archive_readings(date, bigint, bigint, int), drop_empty_month(date),
    forget_history(bigint, text, timestamptz, int), unpack_readings(reading_archive), hot_months(),
    readings_between(bigint, bigint, timestamptz, timestamptz) FROM PUBLIC;
GRANT SELECT ON reading_archive, reading_month TO wutong_server, wutong_collector;
GRANT EXECUTE ON FUNCTION unpack_readings(reading_archive), readings_between(bigint, bigint, timestamptz, timestamptz)
    TO wutong_server, wutong_collector;
GRANT EXECUTE ON FUNCTION hot_months(), archive_readings(date, bigint, bigint, int), drop_empty_month(date),
    forget_history(bigint, text, timestamptz, int) TO wutong_server;
