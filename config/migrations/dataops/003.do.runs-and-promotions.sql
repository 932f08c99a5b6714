-- What a run is: its extraction, the objects it stored, what both rounds of validation said, and its promotion.
-- Tables of data come from the schema files of pipelines/dataops: `pipeline.py migration --table TABLE` prints theirs.

-- Those of migration 002 had no run: rows that nobody can trace aren't thrown away unseen.
DO $$
BEGIN
  IF EXISTS (SELECT FROM staging.raw_binance_btcusdt_spot)
    OR EXISTS (SELECT FROM staging.processed_binance_btcusdt_spot)
    OR EXISTS (SELECT FROM production.processed_binance_btcusdt_spot) THEN
    RAISE EXCEPTION 'tables of binance_btcusdt_spot hold rows that belong to no run, and this migration makes the tables anew; save what you need of them, empty them and migrate again';
  END IF;
END
$$;
DROP TABLE staging.raw_binance_btcusdt_spot, staging.processed_binance_btcusdt_spot, production.processed_binance_btcusdt_spot;

GRANT USAGE ON SCHEMA staging TO dataops_validator;
ALTER DEFAULT PRIVILEGES IN SCHEMA staging GRANT SELECT ON TABLES TO dataops_validator;
-- Production has one way in, the function below.
ALTER DEFAULT PRIVILEGES IN SCHEMA production REVOKE ALL ON TABLES FROM dataops_promoter;
ALTER DEFAULT PRIVILEGES IN SCHEMA production REVOKE ALL ON SEQUENCES FROM dataops_promoter;
ALTER DEFAULT PRIVILEGES IN SCHEMA production GRANT SELECT ON TABLES TO dataops_promoter;

CREATE TABLE staging.tables (
  table_name TEXT PRIMARY KEY,
  dataset TEXT NOT NULL,
  processed_table TEXT NOT NULL UNIQUE,
  key_columns TEXT[] NOT NULL CHECK (cardinality(key_columns) > 0)
);
COMMENT ON TABLE staging.tables IS 'tables of the workflow; migrations alone add to it';
COMMENT ON COLUMN staging.tables.key_columns IS 'primary key of the processed table';

CREATE TABLE staging.runs (
  run_id TEXT PRIMARY KEY CHECK (run_id ~ '^\d{14}-[a-z0-9]{6}$'),
  table_name TEXT NOT NULL REFERENCES staging.tables,
  dataset TEXT NOT NULL,
  source TEXT NOT NULL,
  code_version TEXT NOT NULL,
  cursor_from TEXT,
  cursor_to TEXT,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
COMMENT ON TABLE staging.runs IS 'one row an extraction';
COMMENT ON COLUMN staging.runs.source IS 'where the data came from, without secrets';
COMMENT ON COLUMN staging.runs.code_version IS 'commit of the program that extracted';
COMMENT ON COLUMN staging.runs.cursor_from IS 'begin of the window that was extracted, included; empty for all';
COMMENT ON COLUMN staging.runs.cursor_to IS 'end of the window, not included';
CREATE INDEX runs_of_table ON staging.runs (table_name, started_at);

CREATE TABLE staging.objects (
  run_id TEXT NOT NULL REFERENCES staging.runs,
  stage TEXT NOT NULL CHECK (stage IN ('raw', 'transformed')),
  bucket TEXT NOT NULL,
  object_key TEXT NOT NULL,
  version_id TEXT NOT NULL CHECK (version_id <> ''),
  rows BIGINT NOT NULL CHECK (rows >= 0),
  sha256 TEXT NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  stored_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  PRIMARY KEY (run_id, stage),
  UNIQUE (bucket, object_key, version_id)
);
COMMENT ON TABLE staging.objects IS 'what a run stored: exactly this version of the object';

CREATE TABLE staging.verdicts (
  run_id TEXT NOT NULL REFERENCES staging.runs,
  round SMALLINT NOT NULL CHECK (round IN (1, 2)),
  passed BOOLEAN NOT NULL,
  object_version_id TEXT NOT NULL,
  rows BIGINT NOT NULL,
  rows_digest TEXT NOT NULL,
  report_bucket TEXT NOT NULL,
  report_key TEXT NOT NULL,
  report_version_id TEXT NOT NULL CHECK (report_version_id <> ''),
  judged_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  PRIMARY KEY (run_id, round)
);
COMMENT ON TABLE staging.verdicts IS 'what a round of validation said of a run, and of which object and rows it said so';
COMMENT ON COLUMN staging.verdicts.rows_digest IS 'of the rows of the run in the warehouse, by staging.digest';

CREATE TABLE production.promotions (
  run_id TEXT PRIMARY KEY,
  table_name TEXT NOT NULL,
  source TEXT NOT NULL,
  code_version TEXT NOT NULL,
  raw_bucket TEXT NOT NULL,
  raw_key TEXT NOT NULL,
  raw_version_id TEXT NOT NULL,
  raw_rows BIGINT NOT NULL,
  object_bucket TEXT NOT NULL,
  object_key TEXT NOT NULL,
  object_version_id TEXT NOT NULL CHECK (object_version_id <> ''),
  rows BIGINT NOT NULL,
  rows_digest TEXT NOT NULL,
  report_1_key TEXT NOT NULL,
  report_1_version_id TEXT NOT NULL CHECK (report_1_version_id <> ''),
  report_2_key TEXT NOT NULL,
  report_2_version_id TEXT NOT NULL CHECK (report_2_version_id <> ''),
  extracted_at TIMESTAMPTZ NOT NULL,
  promoted_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  UNIQUE (object_bucket, object_key)
);
COMMENT ON TABLE production.promotions IS 'the catalog: one row a promoted run, from which its rows, objects and reports are found';
COMMENT ON COLUMN production.promotions.object_key IS 'the promoted object; both reports lie in its bucket';
CREATE INDEX promotions_of_table ON production.promotions (table_name, promoted_at);

-- The loader has all rights on tables of data. Of what a run is it adds its own part, and changes nothing.
REVOKE ALL ON staging.tables, staging.runs, staging.objects, staging.verdicts FROM dataops_loader;
GRANT SELECT ON staging.tables, staging.runs, staging.objects, staging.verdicts TO dataops_loader;
GRANT INSERT ON staging.runs, staging.objects TO dataops_loader;
GRANT INSERT ON staging.verdicts TO dataops_validator;

/*
 * How many rows of a run a table has, and their digest: sums of 64 bits each of every row's SHA-256, so that order makes no
 * difference and no row is kept in memory. Of what the workflow adds to a row it takes nothing.
 */
CREATE FUNCTION staging.digest(of_table REGCLASS, of_run TEXT, OUT rows BIGINT, OUT digest TEXT)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC' SET datestyle = 'ISO, YMD' SET intervalstyle = 'iso_8601' SET extra_float_digits = 1 SET bytea_output = 'hex'
AS $$
DECLARE
  columns TEXT;
BEGIN
  SELECT string_agg(quote_ident(attname), ', ' ORDER BY attname COLLATE "C") INTO columns FROM pg_attribute
    WHERE attrelid = of_table AND attnum > 0 AND NOT attisdropped
      AND attname NOT IN ('run_id', 'created_at', 'updated_at');
  EXECUTE format(
    $sql$SELECT count(*), coalesce(sum(('x' || encode(substr(hash, 1, 8), 'hex'))::BIT(64)::BIGINT), 0) || ':'
      || coalesce(sum(('x' || encode(substr(hash, 9, 8), 'hex'))::BIT(64)::BIGINT), 0)
    FROM (SELECT sha256(convert_to(ROW(%s)::TEXT, 'UTF8')) AS hash FROM %s WHERE run_id = $1) AS hashed$sql$,
    columns, of_table) INTO rows, digest USING of_run;
END
$$;

/* Refuses a run that can't be promoted, with the reason: both rounds must have passed, of the objects and rows that it has now. */
CREATE FUNCTION production.require_judged(of_run TEXT) RETURNS VOID
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  processed TEXT;
  judged RECORD;
  verdict staging.verdicts;
  found_rows BIGINT;
  found_digest TEXT;
BEGIN
  SELECT processed_table INTO processed FROM staging.runs JOIN staging.tables USING (table_name) WHERE run_id = of_run;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no run %', quote_literal(of_run);
  END IF;
  FOR judged IN SELECT * FROM (VALUES (1, 'raw'), (2, 'transformed')) AS rounds (round, stage) LOOP
    SELECT * INTO verdict FROM staging.verdicts WHERE run_id = of_run AND round = judged.round;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'run % has no verdict of round %; validate it first', of_run, judged.round;
    ELSIF NOT verdict.passed THEN
      RAISE EXCEPTION 'run % did not pass round % of validation; its report is %', of_run, judged.round, verdict.report_key;
    ELSIF NOT EXISTS (SELECT FROM staging.objects AS object WHERE object.run_id = of_run
        AND object.stage = judged.stage AND object.version_id = verdict.object_version_id) THEN
      RAISE EXCEPTION 'round % judged another version than the % object of run %', judged.round, judged.stage, of_run;
    END IF;
  END LOOP;
  SELECT rows, digest INTO found_rows, found_digest FROM staging.digest(format('staging.%I', processed)::REGCLASS, of_run);
  IF (found_rows, found_digest) IS DISTINCT FROM (verdict.rows, verdict.rows_digest) THEN
    RAISE EXCEPTION 'rows of run % in staging.% are not those that round 2 judged: % rows now, % then; a later run may have replaced some, promote that one',
      of_run, quote_ident(processed), found_rows, verdict.rows;
  END IF;
END
$$;

/*
 * Makes the rows of a run visible to consumers, with its line of the catalog: all or nothing, once. Whoever calls it has copied
 * the object and both reports before, so that who sees the rows finds the object.
 */
CREATE FUNCTION production.promote(
  of_run TEXT, object_bucket TEXT, object_key TEXT, object_version_id TEXT,
  report_1_key TEXT, report_1_version_id TEXT, report_2_key TEXT, report_2_version_id TEXT
) RETURNS production.promotions
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  place staging.tables;
  columns TEXT;
  changes TEXT;
  keys TEXT;
  promotion production.promotions;
BEGIN
  SELECT tables.* INTO place FROM staging.tables JOIN staging.runs USING (table_name) WHERE run_id = of_run;
  -- Two at once: the second waits here, and finds what the first has done.
  PERFORM pg_advisory_xact_lock(hashtextextended('production.promote ' || place.table_name, 0));
  SELECT * INTO promotion FROM production.promotions WHERE run_id = of_run;
  IF FOUND THEN
    RETURN promotion;
  END IF;
  -- Nobody changes a row between its check and its copy.
  IF place.table_name IS NOT NULL THEN
    EXECUTE format('LOCK TABLE staging.%I IN SHARE MODE', place.processed_table);
  END IF;
  PERFORM production.require_judged(of_run);

  SELECT string_agg(quote_ident(attname), ', '), string_agg(format('%1$I = EXCLUDED.%1$I', attname), ', ')
    INTO columns, changes FROM pg_attribute
    WHERE attrelid = format('production.%I', place.processed_table)::REGCLASS AND attnum > 0 AND NOT attisdropped
      AND attname NOT IN ('created_at', 'updated_at');
  SELECT string_agg(quote_ident(key), ', ') INTO keys FROM unnest(place.key_columns) AS key;
  EXECUTE format(
    'INSERT INTO production.%1$I (%2$s) SELECT %2$s FROM staging.%1$I WHERE run_id = $1 ON CONFLICT (%3$s) DO UPDATE SET %4$s',
    place.processed_table, columns, keys, changes) USING of_run;

  INSERT INTO production.promotions
    SELECT of_run, run.table_name, run.source, run.code_version, raw.bucket, raw.object_key, raw.version_id, raw.rows,
      promote.object_bucket, promote.object_key, promote.object_version_id, verdict.rows, verdict.rows_digest,
      promote.report_1_key, promote.report_1_version_id, promote.report_2_key, promote.report_2_version_id, run.started_at
    FROM staging.runs AS run
      JOIN staging.objects AS raw ON raw.run_id = run.run_id AND raw.stage = 'raw'
      JOIN staging.verdicts AS verdict ON verdict.run_id = run.run_id AND verdict.round = 2
    WHERE run.run_id = of_run
    RETURNING * INTO STRICT promotion;
  RETURN promotion;
END
$$;

REVOKE ALL ON FUNCTION staging.digest, production.require_judged, production.promote FROM PUBLIC;
GRANT EXECUTE ON FUNCTION staging.digest TO dataops_validator;
GRANT EXECUTE ON FUNCTION production.require_judged, production.promote TO dataops_promoter;
