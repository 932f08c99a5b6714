import { PUBLISHED_IMAGE } from "../../../config/minio-server/schema.ts";
import { kubernetesImageVulnerable } from "../../../policy/rules/kubernetes-image-vulnerable.ts";
import { VALID_WORKLOAD } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

const images = (...all: string[]) => ({ facts: { images: all.map((image) => ({ container: "minio", image })) } });
const MINIO = "CVE-2026-41145, CVE-2026-40344";
const open = (image: string, advisories = MINIO) => ({
  ...images(image),
  wrong: [`runs container minio from ${image}, which is open (${advisories})`],
});

describeRule(kubernetesImageVulnerable, VALID_WORKLOAD, {
  keeps: {
    "what a stack deploys that names no image": images(PUBLISHED_IMAGE),
    "a digest alone, which isn't known": images(`quay.io/minio/minio@sha256:${"0".repeat(64)}`),
    "an image of one's own, whatever its path": images("registry.example/minio/minio:RELEASE.2025-09-07T16-13-09Z"),
    "a client, and a server of others": images("quay.io/minio/mc:RELEASE.2025-08-13T08-35-41Z", "nginx:1.2"),
    "a release that nobody knows yet": images("minio/minio:RELEASE.2027-01-01T00-00-00Z"),
  },
  breaks: {
    "MinIO's last image at quay.io": open("quay.io/minio/minio:RELEASE.2025-09-07T16-13-09Z"),
    "an old one at Docker Hub, under each of its names": {
      ...images("minio/minio:RELEASE.2021-06-17T00-10-46Z", "docker.io/minio/minio:RELEASE.2024-01-01T16-36-33Z-cpuv1"),
      wrong: [
        `runs container minio from minio/minio:RELEASE.2021-06-17T00-10-46Z, which is open (${MINIO})`,
        `runs container minio from docker.io/minio/minio:RELEASE.2024-01-01T16-36-33Z-cpuv1, which is open (${MINIO})`,
      ],
    },
    "one whose tag is kept by a digest": open(
      `quay.io/minio/minio:RELEASE.2025-04-22T22-12-26Z@sha256:${"0".repeat(64)}`,
    ),
    "a tag that moves to an open one": open("quay.io/minio/minio:latest"),
    "no tag": open("minio/minio"),
    "Silo before it was closed": open("docker.io/pgsty/silo:RELEASE.2026-09-03T13-18-01Z", "SN-2026-011"),
  },
});
