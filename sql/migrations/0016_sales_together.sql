-- Sales that come at the same moment are written by one statement: docs/money.md, "Sales written together".

-- The keys of what one statement writes are taken first, so that its rows can refer to each other.
GRANT USAGE ON SEQUENCE journal_entry_entry_id_seq, credit_delivery_delivery_id_seq TO wutong_server;
-- A request whose work was written together with others' is written last, with its answer.
-- (INSERT on request is the server's already.)

-- Once for a statement, however many entries it writes.
DROP TRIGGER journal_entry_unsealed ON journal_entry;
CREATE OR REPLACE FUNCTION queue_for_sealing() RETURNS trigger LANGUAGE plpgsql AS
$$
BEGIN
    INSERT INTO wutong.journal_unsealed (property_id, entry_id) SELECT n.property_id, n.entry_id FROM added n;
    RETURN NULL;
END
$$;
CREATE TRIGGER journal_entry_unsealed AFTER INSERT ON journal_entry REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION queue_for_sealing();
