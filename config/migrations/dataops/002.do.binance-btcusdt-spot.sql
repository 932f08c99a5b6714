-- The source names these tables and lists no column: those of Binance's candles are a project decision.
CREATE FUNCTION staging.touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at := now();
  RETURN NEW;
END
$$;

-- The key keeps a second load from making duplicates; created_at and updated_at are the lineage of a row.
CREATE TABLE staging.raw_binance_btcusdt_spot (
  open_time TIMESTAMPTZ PRIMARY KEY,
  open NUMERIC NOT NULL,
  high NUMERIC NOT NULL,
  low NUMERIC NOT NULL,
  close NUMERIC NOT NULL,
  volume NUMERIC NOT NULL,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  updated_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE TABLE staging.processed_binance_btcusdt_spot (LIKE staging.raw_binance_btcusdt_spot INCLUDING ALL);
CREATE TABLE production.processed_binance_btcusdt_spot (LIKE staging.raw_binance_btcusdt_spot INCLUDING ALL);

CREATE TRIGGER touch BEFORE UPDATE ON staging.raw_binance_btcusdt_spot
  FOR EACH ROW EXECUTE FUNCTION staging.touch();
CREATE TRIGGER touch BEFORE UPDATE ON staging.processed_binance_btcusdt_spot
  FOR EACH ROW EXECUTE FUNCTION staging.touch();
CREATE TRIGGER touch BEFORE UPDATE ON production.processed_binance_btcusdt_spot
  FOR EACH ROW EXECUTE FUNCTION staging.touch();
