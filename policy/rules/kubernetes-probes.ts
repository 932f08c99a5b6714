import { workloadRule } from "../rule.ts";

export const kubernetesProbes = workloadRule({
  name: "kubernetes-probes",
  description: "every container that stays up says when it is ready, and is started again when it hangs",
  severity: "medium",
  topic: "availability",
  remedy: "give the container a readinessProbe and a livenessProbe",
  note: "Jobs and CronJobs come to an end by themselves: they need a deadline instead (kubernetes-deadline)",
  needs: ["probes"],
  judge: ({ probes }) =>
    probes.flatMap(({ container, readiness, liveness }) => {
      const missing = [...(readiness ? [] : ["readinessProbe"]), ...(liveness ? [] : ["livenessProbe"])];
      return missing.length === 0 ? [] : [`has no ${missing.join(" and no ")} for container ${container}`];
    }),
});
