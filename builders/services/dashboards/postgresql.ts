import type { DashboardInWords } from "./panel.ts";

const OWN = 'datname!~"template.*"';
const perSecond = (metric: string): string => `sum by (datname) (rate(${metric}{${OWN}}[$__rate_interval]))`;

/** The database server, by postgres_exporter. */
export const postgresql: DashboardInWords = {
  uid: "postgresql",
  title: "PostgreSQL",
  description: "Connections, sizes and work of the databases",
  folder: "Operation",
  choices: [],
  rows: {
    Now: [
      {
        show: "numbers",
        title: "Answers",
        description: "Whether the metrics' role could log in. Alert DatabaseSilent says when not.",
        unit: "none",
        queries: { PostgreSQL: "min(pg_up)" },
        base: "red",
        steps: [[1, "green"]],
        words: { 0: "no", 1: "yes" },
        wide: 6,
      },
      {
        show: "numbers",
        title: "Connections",
        description: "Of all that the server allows. Alert DatabaseConnectionsNearLimit says when too many are in use.",
        unit: "percent",
        queries: { used: "100 * sum(pg_stat_database_numbackends) / max(pg_settings_max_connections)" },
        steps: [
          [70, "yellow"],
          [80, "red"],
        ],
        wide: 6,
      },
      {
        show: "numbers",
        title: "Longest transaction",
        description: "A transaction that stays open holds locks and keeps dead rows.",
        unit: "s",
        queries: { longest: "max(pg_stat_activity_max_tx_duration)" },
        steps: [
          [300, "yellow"],
          [3600, "red"],
        ],
        wide: 6,
      },
      {
        show: "numbers",
        title: "Found in memory",
        description: "Share of blocks that no disk was read for. Low for long: the server has too little memory.",
        unit: "percentunit",
        queries: {
          found: `sum(pg_stat_database_blks_hit{${OWN}}) / (sum(pg_stat_database_blks_hit{${OWN}}) + sum(pg_stat_database_blks_read{${OWN}}))`,
        },
        base: "red",
        steps: [
          [0.9, "yellow"],
          [0.95, "green"],
        ],
        wide: 6,
      },
    ],
    Databases: [
      {
        show: "bars",
        title: "Size",
        description: "Bytes of each database.",
        unit: "bytes",
        queries: { "{{datname}}": `max by (datname) (pg_database_size_bytes{${OWN}})` },
        base: "blue",
        wide: 8,
      },
      {
        show: "lines",
        title: "Connections by database",
        description: "Of programs and people, with those that are idle.",
        unit: "none",
        queries: { "{{datname}}": `sum by (datname) (pg_stat_database_numbackends{${OWN}})` },
        wide: 8,
      },
      {
        show: "lines",
        title: "Transactions",
        description: "A second, committed and rolled back.",
        unit: "ops",
        queries: {
          "{{datname}} committed": perSecond("pg_stat_database_xact_commit"),
          "{{datname}} rolled back": perSecond("pg_stat_database_xact_rollback"),
        },
        wide: 8,
      },
    ],
    Trouble: [
      {
        show: "lines",
        title: "Deadlocks",
        description: "In the last hour. PostgreSQL ends one of the two transactions.",
        unit: "none",
        queries: { "{{datname}}": `sum by (datname) (increase(pg_stat_database_deadlocks{${OWN}}[1h]))` },
        wide: 12,
      },
      {
        show: "lines",
        title: "Locks",
        description: "Held or waited for, by kind.",
        unit: "none",
        queries: { "{{mode}}": "sum by (mode) (pg_locks_count)" },
        wide: 12,
      },
    ],
  },
};
