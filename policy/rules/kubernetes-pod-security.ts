import { cisKubernetes } from "../frameworks.ts";
import { namespaceRule } from "../rule.ts";

const ENFORCE = "pod-security.kubernetes.io/enforce";

export const kubernetesPodSecurity = namespaceRule({
  name: "kubernetes-pod-security",
  description: "every namespace enforces Pod Security restricted: the cluster itself refuses what these rules refuse",
  severity: "high",
  topic: "hardening",
  framework: cisKubernetes("5.2.1"),
  remedy: `give it the label ${ENFORCE}: restricted`,
  needs: ["labels"],
  judge: ({ labels }) => {
    const level = labels[ENFORCE];
    if (level === undefined) return ["enforces no Pod Security"];
    return level === "restricted" ? [] : [`enforces Pod Security ${level}, not restricted`];
  },
});
