import type { Alerting } from "../../../config/model.ts";
import type { AlertInWords } from "../alert.ts";

/** A moment without room proves nothing: temporary files go. */
const SECONDS = 300;
/** Half an hour of work is what a machine is for. */
const BUSY_SECONDS = 1800;

/** Of the machine's own memory, or read from an image: they can't fill up. */
export const DISKS = 'fstype!~"tmpfs|ramfs|devtmpfs|squashfs|erofs"';

/** The machine runs out of disk, memory or processors. */
export function machine({ machine: { freePercent, busyPercent } }: Alerting): AlertInWords[] {
  const free = `node_filesystem_avail_bytes{${DISKS}} / node_filesystem_size_bytes{${DISKS}}`;
  const idle = 'avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m]))';
  const available = "node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes";
  return [
    {
      name: "MachineDiskNearlyFull",
      expression: `100 * min by (instance, mountpoint) (${free}) < ${freePercent}`,
      seconds: SECONDS,
      severity: "critical",
      summary: `Of {{ $labels.mountpoint }} of {{ $labels.instance }} {{ printf "%.0f" $value }}% is free.`,
    },
    {
      name: "MachineMemoryNearlyFull",
      expression: `100 * min by (instance) (${available}) < ${freePercent}`,
      seconds: SECONDS,
      severity: "warning",
      summary: `Of the memory of {{ $labels.instance }} {{ printf "%.0f" $value }}% is available.`,
    },
    {
      name: "MachineProcessorsBusy",
      expression: `100 * (1 - ${idle}) > ${busyPercent}`,
      seconds: BUSY_SECONDS,
      severity: "warning",
      summary: `Of the processors of {{ $labels.instance }} {{ printf "%.0f" $value }}% are in use.`,
    },
  ];
}
