-- How many channels a collector takes at most, so that others know whom they can give some. 0: none.
ALTER TABLE collector ADD COLUMN channels_max int NOT NULL DEFAULT 0 CHECK (channels_max >= 0);
