-- Rows come in by COPY into a temporary table, and go on from there at once: a key that is there is updated. Functions with rights of
-- their owner look for nothing in a session's temporary tables (their search_path is pinned).
DO $$
BEGIN
  EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO dataops_loader', current_database());
END
$$;
