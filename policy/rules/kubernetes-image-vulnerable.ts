import { openImage } from "../../config/stack/open-images.ts";
import { workloadRule } from "../rule.ts";

export const kubernetesImageVulnerable = workloadRule({
  name: "kubernetes-image-vulnerable",
  description: "no container runs a MinIO that is known to accept forged requests",
  severity: "critical",
  topic: "hardening",
  remedy: "take an image that refuses them: docs/servers.md says which, images/minio builds one",
  needs: ["images"],
  note: "Only images that are known are judged: those that MinIO published, and Silo's older ones; `verify` tries the server itself.",
  judge: ({ images }) =>
    images.flatMap(({ container, image }) => {
      const open = openImage(image);
      return open === undefined
        ? []
        : [`runs container ${container} from ${image}, which is open (${open.advisories})`];
    }),
});
