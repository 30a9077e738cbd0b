-- Makes the database's roles and schema. Run once as a superuser in the new database, safe to run again:
--   psql -v owner_password=… -v server_password=… -v collector_password=… -f roles.sql DATABASE
\set ON_ERROR_STOP on
SELECT format('CREATE ROLE wutong_owner LOGIN') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'wutong_owner') \gexec
SELECT format('CREATE ROLE wutong_server LOGIN') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'wutong_server') \gexec
SELECT format('CREATE ROLE wutong_collector LOGIN BYPASSRLS') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'wutong_collector') \gexec
SELECT format('ALTER ROLE wutong_owner PASSWORD %L', :'owner_password') \gexec
SELECT format('ALTER ROLE wutong_server PASSWORD %L', :'server_password') \gexec
SELECT format('ALTER ROLE wutong_collector BYPASSRLS PASSWORD %L', :'collector_password') \gexec
CREATE SCHEMA IF NOT EXISTS wutong AUTHORIZATION wutong_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO wutong_owner, wutong_server, wutong_collector;
CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public;
SELECT format('ALTER ROLE %I IN DATABASE %I SET search_path = wutong', r, current_database())
  FROM unnest(ARRAY['wutong_owner', 'wutong_server', 'wutong_collector']) AS r \gexec
