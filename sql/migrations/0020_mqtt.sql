-- Meters that send by themselves, through an MQTT broker.

ALTER TABLE gateway DROP CONSTRAINT gateway_kind_check;
ALTER TABLE gateway ADD CONSTRAINT gateway_kind_check
    CHECK (kind IN ('serial', 'modbus_tcp', 'rtu_over_tcp', 'dial_in', 'gateway_tls', 'gateway_3des', 'gateway_plain', 'mqtt'));
ALTER TABLE channel DROP CONSTRAINT channel_transport_check;
ALTER TABLE channel ADD CONSTRAINT channel_transport_check
    CHECK (transport IN ('serial', 'modbus_tcp', 'rtu_over_tcp', 'dial_in', 'gateway_tls', 'gateway_3des', 'gateway_plain', 'mqtt'));

-- Such a meter is named as in its topics ("tasmota_7A11F0", "PLANT/GW1/METER7"); others by digits, as before. What stands
-- for a topic filter may not be in it.
ALTER TABLE meter DROP CONSTRAINT meter_station_address_check;
ALTER TABLE meter ADD CONSTRAINT meter_station_address_check
    CHECK (station_address ~ '^[!-~]{1,128}$' AND station_address !~ '[+#$]');
