-- More ways to a bus: gateways that dial in, and wutong-gateway with encrypted links; and a second path for a channel.

ALTER TABLE gateway DROP CONSTRAINT gateway_kind_check;
ALTER TABLE gateway ADD CONSTRAINT gateway_kind_check
    CHECK (kind IN ('serial', 'modbus_tcp', 'rtu_over_tcp', 'dial_in', 'gateway_tls', 'gateway_3des', 'gateway_plain'));
ALTER TABLE channel DROP CONSTRAINT channel_transport_check;
ALTER TABLE channel ADD CONSTRAINT channel_transport_check
    CHECK (transport IN ('serial', 'modbus_tcp', 'rtu_over_tcp', 'dial_in', 'gateway_tls', 'gateway_3des', 'gateway_plain'));

-- The endpoint of a dial_in channel is the gateway's registration ("plain:DTU-0042,heartbeat=ping"). Two channels with one
-- registration could not both have the link, whatever their properties: the collector knows the gateway by nothing else.
CREATE UNIQUE INDEX channel_registration ON channel (split_part(endpoint, ',', 1)) WHERE transport = 'dial_in';

-- Taken while the endpoint can't be used; null: there is no second path.
ALTER TABLE channel ADD COLUMN standby_endpoint text
    CHECK (standby_endpoint IS NULL
           OR (length(standby_endpoint) BETWEEN 1 AND 255 AND standby_endpoint <> endpoint AND transport <> 'dial_in'));
-- As the collector tells: since when the channel has been on its standby path.
ALTER TABLE channel ADD COLUMN standby_since timestamptz;
GRANT UPDATE (standby_since) ON channel TO wutong_collector;
