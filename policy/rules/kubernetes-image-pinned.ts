import { workloadRule } from "../rule.ts";

export const kubernetesImagePinned = workloadRule({
  name: "kubernetes-image-pinned",
  description: "every container runs a named version of its image: the same one tomorrow, and on every node",
  severity: "high",
  topic: "hardening",
  remedy: "name a tag other than latest, or a digest: registry/name:1.2.3, registry/name@sha256:DIGEST",
  needs: ["images"],
  judge: ({ images }) =>
    images
      .filter(({ image }) => !isPinned(image))
      .map(({ container, image }) => `runs container ${container} from ${image || "no image"}, which names no version`),
});

/** A colon before the last slash is that of a registry's port. */
function isPinned(image: string): boolean {
  if (image.includes("@sha256:")) return true;
  const tag = /:([^:/]+)$/.exec(image)?.[1];
  return tag !== undefined && tag !== "latest";
}
