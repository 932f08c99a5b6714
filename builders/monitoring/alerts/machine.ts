import type { Alerting } from "../../../config/model.ts";
import type { AlertInWords } from "../alert.ts";

/** A moment without room proves nothing: temporary files go. */
const SECONDS = 300;

/** Of the machine's own memory, or read from an image: they can't fill up. */
export const DISKS = 'fstype!~"tmpfs|ramfs|devtmpfs|squashfs|erofs"';

/** The machine runs out of disk or memory. */
export function machine({ machine: { freePercent } }: Alerting): AlertInWords[] {
  const free = `node_filesystem_avail_bytes{${DISKS}} / node_filesystem_size_bytes{${DISKS}}`;
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
  ];
}
