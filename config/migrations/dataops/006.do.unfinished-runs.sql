-- Runs that stored a raw object, and have neither a promotion nor a verdict that failed: their window isn't in production yet.
-- The view has its owner's rights, so who may read it sees of production and of staging no more than this.
CREATE VIEW staging.unfinished_runs AS
  SELECT run.run_id, run.table_name, raw.stored_at
  FROM staging.runs AS run JOIN staging.objects AS raw ON raw.run_id = run.run_id AND raw.stage = 'raw'
  WHERE NOT EXISTS (SELECT FROM staging.verdicts AS verdict WHERE verdict.run_id = run.run_id AND NOT verdict.passed)
    AND NOT EXISTS (SELECT FROM production.promotions AS promotion WHERE promotion.run_id = run.run_id);
CREATE VIEW production.unfinished_runs AS SELECT * FROM staging.unfinished_runs;

-- Which runs were loaded: rows alone don't tell, a later run may have replaced all of them.
CREATE TABLE staging.loads (
  run_id TEXT PRIMARY KEY REFERENCES staging.runs,
  loaded_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
COMMENT ON TABLE staging.loads IS 'one row a run whose raw rows were loaded into staging';

DO $$
DECLARE
  raw_table TEXT;
BEGIN
  FOR raw_table IN SELECT table_name FROM staging.tables LOOP
    EXECUTE format('INSERT INTO staging.loads (run_id) SELECT DISTINCT run_id FROM staging.%I JOIN staging.runs USING (run_id)', raw_table);
  END LOOP;
END
$$;

REVOKE ALL ON staging.unfinished_runs, staging.loads FROM dataops_loader;
GRANT SELECT ON staging.unfinished_runs TO dataops_loader;
GRANT SELECT, INSERT ON staging.loads TO dataops_loader;
