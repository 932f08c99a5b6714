import { kubernetesImagePinned } from "../../../policy/rules/kubernetes-image-pinned.ts";
import { VALID_WORKLOAD } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

describeRule(kubernetesImagePinned, VALID_WORKLOAD, {
  keeps: {
    "a digest": { facts: { images: [{ container: "app", image: `app@sha256:${"0".repeat(64)}` }] } },
    "a tag and a digest": { facts: { images: [{ container: "app", image: `app:1@sha256:${"0".repeat(64)}` }] } },
  },
  breaks: {
    "no tag, at a registry with a port": {
      facts: { images: [{ container: "app", image: "registry.example:5000/app" }] },
      wrong: ["runs container app from registry.example:5000/app, which names no version"],
    },
    latest: {
      facts: { images: [{ container: "app", image: "app:latest" }] },
      wrong: ["runs container app from app:latest, which names no version"],
    },
    "one container among several": {
      facts: {
        images: [
          { container: "prepare", image: "" },
          { container: "app", image: "app:1" },
        ],
      },
      wrong: ["runs container prepare from no image, which names no version"],
    },
  },
});
