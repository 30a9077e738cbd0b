-- Kiosks in the lobby, tenants' PINs, and what is counted against guessing.

-- ---- the tenant's kiosk -----------------------------------------------------------------------
-- A kiosk is made by an operator with a one-time code, then holds a long-lived key. Both are kept as SHA-256 only.
CREATE TABLE kiosk_device (
    property_id     bigint NOT NULL REFERENCES property,
    device_id       bigint GENERATED ALWAYS AS IDENTITY,
    name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    code_hash       bytea CHECK (length(code_hash) = 32),       -- null: never given, or replaced
    code_expires_at timestamptz,
    key_hash        bytea CHECK (length(key_hash) = 32),        -- null: not registered yet
    created_by      bigint NOT NULL,
    created_at      timestamptz NOT NULL,
    registered_at   timestamptz,
    seen_at         timestamptz,
    revoked_at      timestamptz,
    PRIMARY KEY (property_id, device_id),
    CHECK ((key_hash IS NULL) = (registered_at IS NULL))
);
CREATE UNIQUE INDEX kiosk_device_name ON kiosk_device (property_id, lower(name)) WHERE revoked_at IS NULL;
CREATE UNIQUE INDEX kiosk_device_key ON kiosk_device (key_hash);
CREATE UNIQUE INDEX kiosk_device_code ON kiosk_device (code_hash);

-- A tenant's PIN: hashed as operators' passwords are.
CREATE TABLE tenant_pin (
    property_id bigint NOT NULL,
    account_id  bigint NOT NULL,
    pin_hash    text NOT NULL CHECK (length(pin_hash) BETWEEN 1 AND 300),
    changed_by  bigint NOT NULL,
    changed_at  timestamptz NOT NULL,
    PRIMARY KEY (property_id, account_id),
    FOREIGN KEY (property_id, account_id) REFERENCES account
);

-- One visit a kiosk; rows go when it ends.
CREATE TABLE kiosk_visit (
    property_id bigint NOT NULL,
    device_id   bigint NOT NULL,
    token_hash  bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    account_id  bigint NOT NULL,
    started_at  timestamptz NOT NULL,
    used_at     timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (property_id, device_id),
    FOREIGN KEY (property_id, device_id) REFERENCES kiosk_device,
    FOREIGN KEY (property_id, account_id) REFERENCES account
);

-- Wrong PINs since counted_from, of an account ("account 17"), of what was typed and is nobody's ("entry …", so that both are
-- locked alike), and of a kiosk ("kiosk 3").
CREATE TABLE kiosk_attempt (
    property_id  bigint NOT NULL REFERENCES property,
    subject      text NOT NULL CHECK (length(subject) BETWEEN 1 AND 100),
    failures     int NOT NULL,
    counted_from timestamptz NOT NULL,
    locked_until timestamptz,
    PRIMARY KEY (property_id, subject)
);

-- ---- walls and privileges ---------------------------------------------------------------------
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['kiosk_device', 'tenant_pin', 'kiosk_visit', 'kiosk_attempt'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY property_wall ON %I USING (property_id = ANY (allowed_properties())) '
                       'WITH CHECK (property_id = ANY (allowed_properties()))', t);
    END LOOP;
END
$$;
GRANT SELECT, INSERT, UPDATE ON kiosk_device TO wutong_server;
GRANT SELECT, INSERT, UPDATE, DELETE ON tenant_pin, kiosk_visit, kiosk_attempt TO wutong_server;

UPDATE role SET permissions = permissions || '{kiosk.read,kiosk.write}' WHERE code = 'manager';
