import { kubernetesServiceExposure } from "../../../policy/rules/kubernetes-service-exposure.ts";
import { VALID_SERVICE } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

describeRule(kubernetesServiceExposure, VALID_SERVICE, {
  keeps: {
    "one on the list": { facts: { type: "LoadBalancer" }, options: { allowed: ["mlops/app"] } },
    "a name for something outside": { facts: { type: "ExternalName" } },
  },
  breaks: {
    "a load balancer": {
      facts: { type: "LoadBalancer" },
      options: { allowed: ["mlops/other"] },
      wrong: ["is a LoadBalancer, which the network outside the cluster reaches"],
    },
    "ports of the nodes": {
      facts: { type: "NodePort" },
      wrong: ["is a NodePort, which the network outside the cluster reaches"],
    },
    "an address of its own": {
      facts: { externalIPs: ["192.0.2.1"] },
      wrong: ["answers on external addresses (192.0.2.1)"],
    },
  },
});
