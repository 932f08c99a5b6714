import { isDate, isIsoWeek, isMonth, isTime, isTimestamp } from "./calendar.ts";

/** What the values of a placeholder look like. */
export interface Form {
  /** In words, to follow "must be". */
  readonly says: string;
  readonly example: string;
  /** Source of a regular expression for the whole value; holds no capturing group and never matches a slash. */
  readonly pattern: string;
  /** What the pattern alone can't tell; a value that fits the pattern is given. */
  readonly holds?: (value: string) => boolean;
}

const SNAKE = "[a-z0-9]+(?:_[a-z0-9]+)*";
const NUMBER = "(?:0|[1-9]\\d*)";

/** What a placeholder without a form of its own takes. */
const TOKEN: Form = {
  says: "letters, digits, dots, dashes and underscores, the first a letter or digit",
  example: "value",
  pattern: "[A-Za-z0-9][A-Za-z0-9._-]*",
};

const snake = (example: string): Form => ({ says: "snake_case", example, pattern: SNAKE });
const counted: Form = { says: "v and a number", example: "v1", pattern: `v${NUMBER}` };

/** Forms by the placeholder's name. All times are UTC. */
const FORMS: Readonly<Record<string, Form>> = {
  date: { says: "a day YYYYMMDD", example: "20250911", pattern: "\\d{8}", holds: isDate },
  timestamp: { says: "a time YYYYMMDDHHMMSS", example: "20250911123456", pattern: "\\d{14}", holds: isTimestamp },
  ingested_at: {
    says: "a time YYYYMMDD_HHMMSS, with -1, -2 and so on where another run of that second has the time alone",
    example: "20251220_121209",
    pattern: "\\d{8}_\\d{6}(?:-[1-9]\\d*)?",
    holds: (value) => isDate(value.slice(0, 8)) && isTime(value.slice(9, 15)),
  },
  created_at: {
    says: "a time YYYY-MM-DD:HH:MM:SS:MMM, to the millisecond",
    example: "2025-09-11:12:34:56:789",
    pattern: "\\d{4}-\\d{2}-\\d{2}(?::\\d{2}){3}:\\d{3}",
    holds: (value) => isTimestamp(value.replaceAll(/[-:]/g, "").slice(0, 14)),
  },
  run_id: {
    says: "a run id YYYYMMDDHHMMSS-xxxxxx: a time, a dash, six of a-z and 0-9",
    example: "20250911123456-abc123",
    pattern: "\\d{14}-[a-z0-9]{6}",
    holds: (value) => isTimestamp(value.slice(0, 14)),
  },
  week: { says: "an ISO 8601 week YYYYWW", example: "202537", pattern: "\\d{6}", holds: isIsoWeek },
  month: { says: "a month YYYYMM", example: "202509", pattern: "\\d{6}", holds: isMonth },
  period: { says: "a quarter, year q number", example: "2024q4", pattern: "\\d{4}q[1-4]" },
  timeframe: {
    says: "a unit and a number, as in MetaTrader: m5, h1, d1, w1, mn1",
    example: "m5",
    pattern: "(?:mn|m|h|d|w)[1-9]\\d*",
  },
  schema_version: counted,
  feature_set: counted,
  feature_version: counted,
  data_version: {
    says: "v and a day YYYYMMDD",
    example: "v20250911",
    pattern: "v\\d{8}",
    holds: (value) => isDate(value.slice(1)),
  },
  model_version: {
    says: "v and a semantic version",
    example: "v1.2.0",
    pattern: `v${NUMBER}(?:\\.${NUMBER}){2}(?:-[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?`,
  },
  experiment_id: { says: "the number of an MLflow experiment", example: "114", pattern: NUMBER },
  mlflow_run_id: {
    says: "an MLflow run id, 32 of 0-9 and a-f",
    example: "8de878208a774784aeac41e66554d0df",
    pattern: "[0-9a-f]{32}",
  },
  mlflow_model_id: {
    says: "the id of a logged model of MLflow 3, m- and 32 of 0-9 and a-f",
    example: "m-8de878208a774784aeac41e66554d0df",
    pattern: "m-[0-9a-f]{32}",
  },
  mlflow_trace_id: {
    says: "the id of a trace of MLflow 3, tr- and 32 of 0-9 and a-f",
    example: "tr-8de878208a774784aeac41e66554d0df",
    pattern: "tr-[0-9a-f]{32}",
  },
  md5_head: { says: "the first two of an MD5 sum's 32 characters", example: "a3", pattern: "[0-9a-f]{2}" },
  md5_tail: {
    says: "the last 30 of an MD5 sum's 32 characters, with .dir behind them for a folder",
    example: "04afb96060aad90176268345e10355",
    pattern: "[0-9a-f]{30}(?:\\.dir)?",
  },
  source: snake("mt5"),
  session: snake("premium"),
  process: snake("clean"),
  strategy: snake("rl_ppo"),
  model_type: snake("rl_ppo"),
  dataset: snake("binance"),
  table_name: snake("raw_binance_btcusdt_spot"),
};

/** Placeholders that have a form of their own, sorted. */
export function knownPlaceholders(): string[] {
  return Object.keys(FORMS).sort();
}

/** The form of a placeholder; every name has one. */
export function formOf(placeholder: string): Form {
  return Object.hasOwn(FORMS, placeholder) ? (FORMS[placeholder] ?? TOKEN) : TOKEN;
}

/** True where the value has the placeholder's form. */
export function hasForm(placeholder: string, value: string): boolean {
  const { pattern, holds } = formOf(placeholder);
  return new RegExp(`^(?:${pattern})$`).test(value) && (holds?.(value) ?? true);
}
