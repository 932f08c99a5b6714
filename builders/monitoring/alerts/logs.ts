import type { Alerting } from "../../../config/model.ts";
import type { AlertInWords } from "../alert.ts";

/** It looks each second, and a large batch takes a few. */
const SECONDS = 60;

/** Lines of the programs' logs don't get into their store, or audit lines into their bucket. */
export function logs({ failures: { forSeconds: seconds } }: Alerting): AlertInWords[] {
  const last = "log_shipper_last_success_timestamp_seconds";
  return [
    {
      name: "LogsNotShipped",
      expression: `time() - max by (kind) (${last}) > ${SECONDS} or absent(${last})`,
      seconds,
      severity: "warning",
      summary: `The shipper of logs {{ with $labels.kind }}fails to bring lines of kind {{ . }} where they are kept{{ else }}doesn't run, or nothing tells of it{{ end }}.`,
    },
  ];
}
