import { workloadRule } from "../rule.ts";

export const kubernetesDeadline = workloadRule({
  name: "kubernetes-deadline",
  description: "every Job and CronJob has a deadline: one that hangs is ended, and the next one runs",
  severity: "medium",
  topic: "availability",
  remedy: "set activeDeadlineSeconds of the Job, longer than its longest good run",
  needs: ["end"],
  judge: ({ end: { expected, deadline } }) =>
    expected && deadline === undefined ? ["may run for ever: it has no activeDeadlineSeconds"] : [],
});
