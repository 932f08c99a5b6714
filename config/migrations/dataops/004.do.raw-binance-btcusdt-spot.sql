-- Written by `pipeline.py migration --table raw_binance_btcusdt_spot` from its schema file.

CREATE TABLE "staging"."raw_binance_btcusdt_spot" (
  "open_time" TIMESTAMPTZ NOT NULL,
  "open" NUMERIC(38, 18) NOT NULL,
  "high" NUMERIC(38, 18) NOT NULL,
  "low" NUMERIC(38, 18) NOT NULL,
  "close" NUMERIC(38, 18) NOT NULL,
  "volume" NUMERIC(38, 18) NOT NULL,
  "close_time" TIMESTAMPTZ NOT NULL,
  "quote_volume" NUMERIC(38, 18) NOT NULL,
  "trades" BIGINT NOT NULL,
  "taker_buy_base" NUMERIC(38, 18) NOT NULL,
  "taker_buy_quote" NUMERIC(38, 18) NOT NULL,
  run_id TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  PRIMARY KEY ("open_time")
);
CREATE INDEX ON "staging"."raw_binance_btcusdt_spot" (run_id);
CREATE TRIGGER touch BEFORE UPDATE ON "staging"."raw_binance_btcusdt_spot" FOR EACH ROW EXECUTE FUNCTION staging.touch();

CREATE TABLE "staging"."processed_binance_btcusdt_spot" (
  "open_time" TIMESTAMPTZ NOT NULL,
  "day" DATE NOT NULL,
  "base_asset" TEXT NOT NULL,
  "quote_asset" TEXT NOT NULL,
  "tick_size" NUMERIC(38, 18) NOT NULL,
  "open" NUMERIC(38, 18) NOT NULL,
  "high" NUMERIC(38, 18) NOT NULL,
  "low" NUMERIC(38, 18) NOT NULL,
  "close" NUMERIC(38, 18) NOT NULL,
  "mean_close" DOUBLE PRECISION NOT NULL,
  "volume" NUMERIC(38, 18) NOT NULL,
  "quote_volume" NUMERIC(38, 18) NOT NULL,
  "trades" BIGINT NOT NULL,
  "candles" BIGINT NOT NULL,
  "vwap" DOUBLE PRECISION,
  "price_range" NUMERIC(38, 18) NOT NULL,
  "hour_return" DOUBLE PRECISION NOT NULL,
  run_id TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  PRIMARY KEY ("open_time")
);
CREATE INDEX ON "staging"."processed_binance_btcusdt_spot" (run_id);
CREATE TRIGGER touch BEFORE UPDATE ON "staging"."processed_binance_btcusdt_spot" FOR EACH ROW EXECUTE FUNCTION staging.touch();

CREATE TABLE production."processed_binance_btcusdt_spot" (LIKE staging."processed_binance_btcusdt_spot" INCLUDING ALL);
CREATE TRIGGER touch BEFORE UPDATE ON "production"."processed_binance_btcusdt_spot" FOR EACH ROW EXECUTE FUNCTION staging.touch();

INSERT INTO staging.tables (table_name, dataset, processed_table, key_columns)
VALUES ('raw_binance_btcusdt_spot', 'binance', 'processed_binance_btcusdt_spot', '{open_time}');
