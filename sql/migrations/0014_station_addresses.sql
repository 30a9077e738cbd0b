-- Meters that are not named by a Modbus unit on their bus: DL/T 645 and others have an address of digits.

ALTER TABLE meter ALTER COLUMN bus_address DROP NOT NULL;
ALTER TABLE meter ADD COLUMN station_address text CHECK (station_address ~ '^[0-9A-F]{1,32}$');
ALTER TABLE meter ADD CONSTRAINT meter_has_an_address CHECK (bus_address IS NOT NULL OR station_address IS NOT NULL);
ALTER TABLE meter ADD CONSTRAINT meter_station_address_key UNIQUE (property_id, channel_id, station_address);
