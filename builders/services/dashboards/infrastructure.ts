import { DISKS } from "../../monitoring/alerts/machine.ts";
import type { DashboardInWords } from "./panel.ts";

const used = `100 * (1 - max by (mountpoint) (node_filesystem_avail_bytes{${DISKS}} / node_filesystem_size_bytes{${DISKS}}))`;

/** ML-024, ML-028: processors, memory and disks of the machine. */
export const infrastructure: DashboardInWords = {
  uid: "infrastructure",
  title: "Infrastructure",
  description: "Processors, memory, disks and network of the machine, by node_exporter",
  folder: "Operation",
  choices: [],
  rows: {
    Now: [
      {
        show: "numbers",
        title: "Processors",
        description: "Share of all processors' time that was used.",
        unit: "percent",
        queries: {
          "{{instance}}": '100 * (1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[$__rate_interval])))',
        },
        steps: [
          [80, "yellow"],
          [95, "red"],
        ],
        wide: 8,
      },
      {
        show: "numbers",
        title: "Memory",
        description: "Memory that programs have and the system can't take back.",
        unit: "percent",
        queries: { "{{instance}}": "100 * (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)" },
        steps: [
          [80, "yellow"],
          [95, "red"],
        ],
        wide: 8,
      },
      {
        show: "numbers",
        title: "Fullest disk",
        description: "Alert MachineDiskNearlyFull says when too little is free.",
        unit: "percent",
        queries: { fullest: `max(${used})` },
        steps: [
          [80, "yellow"],
          [90, "red"],
        ],
        wide: 8,
      },
    ],
    Processors: [
      {
        show: "lines",
        title: "Processors by what they do",
        description: "Time of all processors by mode, without idle. Much iowait: the disks are slow.",
        unit: "percentunit",
        queries: { "{{mode}}": 'avg by (mode) (rate(node_cpu_seconds_total{mode!="idle"}[$__rate_interval]))' },
        wide: 12,
      },
      {
        show: "lines",
        title: "Load",
        description: "Programs that run or wait. More than processors for long: they wait for one another.",
        unit: "short",
        queries: {
          "1 minute": "node_load1",
          "15 minutes": "node_load15",
          processors: 'count(node_cpu_seconds_total{mode="idle"})',
        },
        wide: 12,
      },
    ],
    Memory: [
      {
        show: "lines",
        title: "Memory",
        description: "All there is, and what is available to programs.",
        unit: "bytes",
        queries: { total: "node_memory_MemTotal_bytes", available: "node_memory_MemAvailable_bytes" },
        wide: 24,
      },
    ],
    Disks: [
      {
        show: "bars",
        title: "Disks",
        description: "How full each file system is.",
        unit: "percent",
        queries: { "{{mountpoint}}": used },
        steps: [
          [80, "yellow"],
          [90, "red"],
        ],
        wide: 8,
      },
      {
        show: "lines",
        title: "Reads and writes",
        description: "Bytes a second of all disks.",
        unit: "Bps",
        queries: {
          "read {{device}}": "rate(node_disk_read_bytes_total[$__rate_interval])",
          "written {{device}}": "rate(node_disk_written_bytes_total[$__rate_interval])",
        },
        wide: 8,
      },
      {
        show: "lines",
        title: "Network",
        description: "Bytes a second of all interfaces but the machine's own.",
        unit: "Bps",
        queries: {
          received: 'sum(rate(node_network_receive_bytes_total{device!="lo"}[$__rate_interval]))',
          sent: 'sum(rate(node_network_transmit_bytes_total{device!="lo"}[$__rate_interval]))',
        },
        wide: 8,
      },
    ],
  },
};
