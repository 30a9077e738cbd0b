-- Energy per day and month, told from the readings themselves. A batch of readings only says which meters and what time it touched
-- (energy_due), in its own transaction; a job of the server takes that up soon after and reads those days again. So it does not matter
-- in which order readings come, how late, how often, or by whom.

CREATE TABLE energy_due (
    property_id bigint NOT NULL,
    due_id      bigint GENERATED ALWAYS AS IDENTITY,
    from_at     timestamptz NOT NULL,
    to_at       timestamptz NOT NULL CHECK (to_at >= from_at),
    meter_ids   bigint[] NOT NULL,
    PRIMARY KEY (property_id, due_id)
);
-- Short-lived: squeezing it would cost more than it saves.
ALTER TABLE energy_due ALTER COLUMN meter_ids SET STORAGE EXTERNAL;
CREATE INDEX energy_due_order ON energy_due (due_id);

-- Used in the day: the sum of the steps from reading to reading, the one from the day before included. Where the register fell, or a
-- person said that it counts anew, the step is not use. Null: a row from before this migration whose readings are still to be read again;
-- for a rate: the meter does not tell it.
ALTER TABLE daily_energy
    ADD COLUMN used_wh         bigint,
    ADD COLUMN used_sharp_wh   bigint,
    ADD COLUMN used_peak_wh    bigint,
    ADD COLUMN used_flat_wh    bigint,
    ADD COLUMN used_valley_wh  bigint,
    ADD COLUMN used_reverse_wh bigint,
    ADD COLUMN last_rates_wh   bigint[];  -- registers of the last reading: sharp, peak, flat, valley, reverse

CREATE TABLE monthly_energy (
    property_id     bigint NOT NULL,
    meter_id        bigint NOT NULL,
    month           date NOT NULL CHECK (extract(day FROM month) = 1),
    days            int NOT NULL,             -- that have a reading
    first_at        timestamptz NOT NULL,
    last_at         timestamptz NOT NULL,
    last_wh         bigint NOT NULL,          -- the register at the end
    used_wh         bigint NOT NULL,
    used_sharp_wh   bigint,
    used_peak_wh    bigint,
    used_flat_wh    bigint,
    used_valley_wh  bigint,
    used_reverse_wh bigint,
    PRIMARY KEY (property_id, meter_id, month)
);

-- One step of the job: takes what is due, oldest first, about `meter_days_max` days of meters at once. One runs at a time; another
-- caller has nothing to do. Everything happens in the caller's transaction: broken off, it is due as before.
CREATE FUNCTION roll_up_energy(meter_days_max int) RETURNS TABLE (dues int, days int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = wutong, pg_temp SET plan_cache_mode = force_custom_plan
SET work_mem = '32MB' SET jit = off AS  -- compiling it took as long as the rest
$$
#variable_conflict use_column
DECLARE
    due_properties bigint[];
    due_meters     bigint[];
    due_from       timestamptz[];
    due_to         timestamptz[];
    properties     bigint[];
    meters         bigint[];
    months         date[];
    dues_taken     int;
    days_told      int;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('wutong.roll_up_energy')) THEN
        RETURN QUERY SELECT 0, 0;
        RETURN;
    END IF;
    WITH waiting AS (
        SELECT property_id, due_id, sum(size) OVER (ORDER BY due_id) - size AS size_before FROM (
            SELECT property_id, due_id, cardinality(meter_ids) * (1 + extract(day FROM to_at - from_at)) AS size
            FROM energy_due ORDER BY due_id LIMIT 500) AS oldest),
    taken AS (
        DELETE FROM energy_due WHERE (property_id, due_id) IN (SELECT property_id, due_id FROM waiting WHERE size_before < meter_days_max)
        RETURNING property_id, from_at, to_at, meter_ids),
    ranges AS (
        SELECT t.property_id, m.meter_id, min(t.from_at) AS from_at, max(t.to_at) AS to_at
        FROM taken t CROSS JOIN LATERAL unnest(t.meter_ids) AS m(meter_id) GROUP BY 1, 2)
    SELECT (SELECT count(*) FROM taken), array_agg(property_id), array_agg(meter_id), array_agg(from_at), array_agg(to_at)
    INTO dues_taken, due_properties, due_meters, due_from, due_to FROM ranges;
    IF dues_taken = 0 THEN
        RETURN QUERY SELECT 0, 0;
        RETURN;
    END IF;

    -- Of a later snapshot than what was taken: the readings behind it are all there.
    WITH due AS MATERIALIZED (
        SELECT u.property_id, u.meter_id, u.from_at, p.time_zone,
               (u.from_at AT TIME ZONE p.time_zone)::date AS first_day, (u.to_at AT TIME ZONE p.time_zone)::date AS last_day
        FROM unnest(due_properties, due_meters, due_from, due_to) AS u(property_id, meter_id, from_at, to_at) JOIN property p USING (property_id)),
    -- What is known from before: a day that goes on is read on from its last reading, else the day is read from its beginning.
    known AS MATERIALIZED (
        SELECT due.*, b.day AS known_day, b.first_wh, b.first_at, b.last_wh, b.last_at, b.last_rates_wh,
               b.used_wh, b.used_sharp_wh, b.used_peak_wh, b.used_flat_wh, b.used_valley_wh, b.used_reverse_wh,
               COALESCE(b.day = due.first_day, false) AS goes_on,
               CASE WHEN b.day = due.first_day THEN b.last_at + interval '1 microsecond'
                    ELSE due.first_day::timestamp AT TIME ZONE due.time_zone END AS read_from,
               -- The step into the next day that is known starts at the end of these.
               (COALESCE(n.day, due.last_day) + 1)::timestamp AT TIME ZONE due.time_zone AS read_to
        FROM due
        LEFT JOIN LATERAL (SELECT * FROM daily_energy d WHERE d.property_id = due.property_id AND d.meter_id = due.meter_id
                           AND d.day <= due.first_day AND d.last_at < due.from_at AND (d.day < due.first_day OR d.used_wh IS NOT NULL)
                           ORDER BY d.day DESC LIMIT 1) AS b ON true
        LEFT JOIN LATERAL (SELECT d.day FROM daily_energy d WHERE d.property_id = due.property_id AND d.meter_id = due.meter_id
                           AND d.day > due.last_day ORDER BY d.day LIMIT 1) AS n ON true),
    looks AS (
        SELECT k.property_id, k.meter_id, (r.read_at AT TIME ZONE k.time_zone)::date AS day, r.read_at, r.energy_wh,
               r.sharp_wh, r.peak_wh, r.flat_wh, r.valley_wh, r.reverse_wh
        FROM known k CROSS JOIN LATERAL (
            SELECT * FROM readings_between(k.property_id, k.meter_id, k.read_from, k.read_to) AS b  -- of the next migration
            WHERE b.energy_wh IS NOT NULL OFFSET 0) AS r
        UNION ALL
        SELECT property_id, meter_id, NULL, last_at, last_wh, last_rates_wh[1], last_rates_wh[2], last_rates_wh[3], last_rates_wh[4],
               last_rates_wh[5] FROM known WHERE last_at IS NOT NULL),
    steps AS (
        SELECT *, lag(read_at) OVER w AS before_at, lag(energy_wh) OVER w AS before_wh, lag(day) OVER w IS DISTINCT FROM day AS begins_day,
               lead(day) OVER w IS DISTINCT FROM day AS ends_day, sharp_wh - lag(sharp_wh) OVER w AS sharp,
               peak_wh - lag(peak_wh) OVER w AS peak, flat_wh - lag(flat_wh) OVER w AS flat, valley_wh - lag(valley_wh) OVER w AS valley,
               reverse_wh - lag(reverse_wh) OVER w AS reverse
        FROM looks WINDOW w AS (PARTITION BY property_id, meter_id ORDER BY read_at)),
    words AS MATERIALIZED (
        SELECT d.property_id, d.meter_id, d.read_at, d.doubt_id, d.verdict, d.decision, d.shown_wh, d.capacity_wh
        FROM known k JOIN doubted_reading d ON d.property_id = k.property_id AND d.meter_id = k.meter_id
        WHERE d.decision = 'anew' OR (d.decision = 'used' AND d.verdict = 'rollover')),
    used AS (
        SELECT s.*, CASE WHEN s.before_wh IS NULL THEN 0
                         WHEN w.decision = 'anew' THEN greatest(s.energy_wh - w.shown_wh, 0)
                         WHEN w.decision = 'used' THEN greatest(w.capacity_wh - s.before_wh, 0) + s.energy_wh
                         ELSE greatest(s.energy_wh - s.before_wh, 0) END AS step,
               COALESCE(w.decision IS NULL AND s.energy_wh >= s.before_wh, true) AS plain
        FROM steps s LEFT JOIN LATERAL (
            SELECT * FROM words w WHERE w.property_id = s.property_id AND w.meter_id = s.meter_id AND w.read_at > s.before_at
            AND w.read_at <= s.read_at ORDER BY w.doubt_id DESC LIMIT 1) AS w ON true
        WHERE s.day IS NOT NULL),
    days_read AS (
        SELECT property_id, meter_id, day, min(read_at) AS first_at, max(read_at) AS last_at,
               max(energy_wh) FILTER (WHERE begins_day) AS first_wh, max(energy_wh) FILTER (WHERE ends_day) AS last_wh,
               ARRAY[max(sharp_wh) FILTER (WHERE ends_day), max(peak_wh) FILTER (WHERE ends_day), max(flat_wh) FILTER (WHERE ends_day),
                     max(valley_wh) FILTER (WHERE ends_day), max(reverse_wh) FILTER (WHERE ends_day)] AS last_rates_wh,
               sum(step)::bigint AS used_wh,
               sum(greatest(sharp, 0)) FILTER (WHERE plain AND sharp IS NOT NULL)::bigint AS sharp,
               sum(greatest(peak, 0)) FILTER (WHERE plain AND peak IS NOT NULL)::bigint AS peak,
               sum(greatest(flat, 0)) FILTER (WHERE plain AND flat IS NOT NULL)::bigint AS flat,
               sum(greatest(valley, 0)) FILTER (WHERE plain AND valley IS NOT NULL)::bigint AS valley,
               sum(greatest(reverse, 0)) FILTER (WHERE plain AND reverse IS NOT NULL)::bigint AS reverse
        FROM used GROUP BY 1, 2, 3),
    told AS (
        INSERT INTO daily_energy AS d (property_id, meter_id, day, first_wh, first_at, last_wh, last_at, last_rates_wh, used_wh,
                                       used_sharp_wh, used_peak_wh, used_flat_wh, used_valley_wh, used_reverse_wh)
        SELECT r.property_id, r.meter_id, r.day, COALESCE(k.first_wh, r.first_wh), COALESCE(k.first_at, r.first_at), r.last_wh, r.last_at,
               r.last_rates_wh, r.used_wh + COALESCE(k.used_wh, 0),
               -- A rate that these readings do not tell keeps what was known of it.
               COALESCE(r.sharp + k.used_sharp_wh, r.sharp, k.used_sharp_wh), COALESCE(r.peak + k.used_peak_wh, r.peak, k.used_peak_wh),
               COALESCE(r.flat + k.used_flat_wh, r.flat, k.used_flat_wh), COALESCE(r.valley + k.used_valley_wh, r.valley, k.used_valley_wh),
               COALESCE(r.reverse + k.used_reverse_wh, r.reverse, k.used_reverse_wh)
        FROM days_read r
        LEFT JOIN known k ON k.goes_on AND k.property_id = r.property_id AND k.meter_id = r.meter_id AND k.known_day = r.day
        ON CONFLICT (property_id, meter_id, day) DO UPDATE SET
            first_wh = excluded.first_wh, first_at = excluded.first_at, last_wh = excluded.last_wh, last_at = excluded.last_at,
            last_rates_wh = excluded.last_rates_wh, used_wh = excluded.used_wh, used_sharp_wh = excluded.used_sharp_wh,
            used_peak_wh = excluded.used_peak_wh, used_flat_wh = excluded.used_flat_wh, used_valley_wh = excluded.used_valley_wh,
            used_reverse_wh = excluded.used_reverse_wh
        RETURNING d.property_id, d.meter_id, d.day),
    months_told AS (SELECT property_id, meter_id, date_trunc('month', day)::date AS month, count(*) AS days FROM told GROUP BY 1, 2, 3)
    SELECT array_agg(property_id), array_agg(meter_id), array_agg(month), COALESCE(sum(days), 0)
    INTO properties, meters, months, days_told FROM months_told;

    INSERT INTO monthly_energy AS m (property_id, meter_id, month, days, first_at, last_at, last_wh, used_wh, used_sharp_wh, used_peak_wh,
                                     used_flat_wh, used_valley_wh, used_reverse_wh)
    SELECT k.property_id, k.meter_id, k.month, d.* FROM unnest(properties, meters, months) AS k(property_id, meter_id, month)
    CROSS JOIN LATERAL (
        SELECT count(*), min(d.first_at), max(d.last_at), (array_agg(d.last_wh ORDER BY d.day DESC))[1], COALESCE(sum(d.used_wh), 0),
               sum(d.used_sharp_wh), sum(d.used_peak_wh), sum(d.used_flat_wh), sum(d.used_valley_wh), sum(d.used_reverse_wh)
        FROM daily_energy d WHERE d.property_id = k.property_id AND d.meter_id = k.meter_id AND d.day >= k.month
        AND d.day < (k.month + interval '1 month')::date) AS d
    ON CONFLICT (property_id, meter_id, month) DO UPDATE SET
        days = excluded.days, first_at = excluded.first_at, last_at = excluded.last_at, last_wh = excluded.last_wh,
        used_wh = excluded.used_wh, used_sharp_wh = excluded.used_sharp_wh, used_peak_wh = excluded.used_peak_wh,
        used_flat_wh = excluded.used_flat_wh, used_valley_wh = excluded.used_valley_wh, used_reverse_wh = excluded.used_reverse_wh;
    RETURN QUERY SELECT dues_taken, days_told;
END
$$;

-- Days are those of the property's time zone: another zone, other days.
CREATE FUNCTION tell_days_again() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = wutong, pg_temp AS
$$
BEGIN
    INSERT INTO energy_due (property_id, from_at, to_at, meter_ids)
    SELECT NEW.property_id, min(first_at), max(last_at), ARRAY[meter_id] FROM daily_energy
    WHERE property_id = NEW.property_id GROUP BY meter_id ORDER BY meter_id;
    DELETE FROM daily_energy WHERE property_id = NEW.property_id;
    DELETE FROM monthly_energy WHERE property_id = NEW.property_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER property_days AFTER UPDATE OF time_zone ON property FOR EACH ROW WHEN (OLD.time_zone <> NEW.time_zone)
    EXECUTE FUNCTION tell_days_again();

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['energy_due', 'monthly_energy'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY property_wall ON %I USING (property_id = ANY (allowed_properties())) '
                       'WITH CHECK (property_id = ANY (allowed_properties()))', t);
    END LOOP;
END
$$;

REVOKE EXECUTE ON FUNCTION roll_up_energy(int), tell_days_again() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION roll_up_energy(int) TO wutong_server, wutong_collector;
REVOKE INSERT, UPDATE ON daily_energy FROM wutong_collector;
GRANT INSERT ON energy_due TO wutong_server, wutong_collector;
GRANT SELECT ON energy_due, monthly_energy TO wutong_server, wutong_collector;

-- What was there before is read again, meter by meter and month by month.
INSERT INTO energy_due (property_id, from_at, to_at, meter_ids)
SELECT property_id, min(first_at), max(last_at), ARRAY[meter_id] FROM daily_energy
GROUP BY property_id, meter_id, date_trunc('month', day) ORDER BY date_trunc('month', day), property_id, meter_id;
