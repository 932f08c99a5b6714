"""Candles of one minute as Binance's `klines` has them, and the candles of one hour that are made of them."""

import ibis.expr.datatypes as dt
from pandera.ibis import Check, Column, DataFrameSchema

from schema.base import AMOUNT, TIME, TableSchema

_AT_LEAST_0 = Check.ge(0)
_ABOVE_0 = Check.gt(0)

SCHEMA = TableSchema(
    name="raw_binance_btcusdt_spot",
    keys=("open_time",),
    raw=DataFrameSchema(
        {
            "open_time": Column(TIME),
            "open": Column(AMOUNT, _ABOVE_0),
            "high": Column(AMOUNT, _ABOVE_0),
            "low": Column(AMOUNT, _ABOVE_0),
            "close": Column(AMOUNT, _ABOVE_0),
            "volume": Column(AMOUNT, _AT_LEAST_0),
            "close_time": Column(TIME),
            "quote_volume": Column(AMOUNT, _AT_LEAST_0),
            "trades": Column(dt.int64, _AT_LEAST_0),
            "taker_buy_base": Column(AMOUNT, _AT_LEAST_0),
            "taker_buy_quote": Column(AMOUNT, _AT_LEAST_0),
        },
        strict=True,
        ordered=True,
    ),
    processed_keys=("open_time",),
    processed=DataFrameSchema(
        {
            "open_time": Column(TIME, unique=True),
            "day": Column(dt.date),
            "base_asset": Column(dt.string),
            "quote_asset": Column(dt.string),
            "tick_size": Column(AMOUNT, _ABOVE_0),
            "open": Column(AMOUNT, _ABOVE_0),
            "high": Column(AMOUNT, _ABOVE_0),
            "low": Column(AMOUNT, _ABOVE_0),
            "close": Column(AMOUNT, _ABOVE_0),
            "mean_close": Column(dt.float64, _ABOVE_0),
            "volume": Column(AMOUNT, _AT_LEAST_0),
            "quote_volume": Column(AMOUNT, _AT_LEAST_0),
            "trades": Column(dt.int64, _AT_LEAST_0),
            "candles": Column(dt.int64, Check.in_range(1, 60)),
            "vwap": Column(dt.float64, _AT_LEAST_0, nullable=True),
            "price_range": Column(AMOUNT, _AT_LEAST_0),
            "hour_return": Column(dt.float64),
        },
        strict=True,
        ordered=True,
    ),
)
