import { z } from "zod";
import { serviceRule } from "../rule.ts";

const OPEN = ["LoadBalancer", "NodePort"];

export const kubernetesServiceExposure = serviceRule({
  name: "kubernetes-service-exposure",
  description: "no Service is reached from outside the cluster unless it is on the list",
  severity: "high",
  topic: "access",
  remedy:
    "make it a ClusterIP behind an Ingress, or put NAMESPACE/NAME on the list allowed in the pack's configuration",
  needs: ["place", "type", "externalIPs"],
  options: {
    allowed: z.array(z.string()).default([]).meta({ description: "Services that may be reached: namespace/name" }),
  },
  judge: ({ place, type, externalIPs }, { allowed }) => {
    if (allowed.includes(place)) return [];
    return [
      ...(OPEN.includes(type) ? [`is a ${type}, which the network outside the cluster reaches`] : []),
      ...(externalIPs.length > 0 ? [`answers on external addresses (${externalIPs.join(", ")})`] : []),
    ];
  },
});
