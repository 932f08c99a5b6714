import { FOLDER, hostOf, PLACES, type Program } from "../../builders/compose/programs.ts";
import { composeProject, composeText, envText } from "../../builders/compose/project.ts";
import type { Declared } from "../local/services/declared.ts";
import { kindOf, titleOf } from "../local/services/local-service.ts";

/** What the platforms of a stack ask for. */
type Asked = Pick<Declared, "instances" | "shared" | "platforms">;

/** What `bucketworks compose` writes, text by name in the checkout. */
export function composeFiles(asked: Asked): Readonly<Record<"compose.yaml" | ".env.example", string>> {
  const programs = composePrograms(asked);
  return { "compose.yaml": composeText(composeProject(programs)), ".env.example": envText(programs) };
}

/** The services that platforms ask for, as far as Compose runs them; each is started as on a laptop. */
export function composePrograms({ instances, shared, platforms }: Asked): Program[] {
  return instances.flatMap((instance): Program[] => {
    const place = PLACES[instance.kind];
    if (place === undefined) return [];
    const { kind } = kindOf(instance.name);
    const given = { folder: FOLDER, instance, shared, platforms, isJudged: true, alerts: undefined };
    const where = { root: "/opt/bucketworks", folder: FOLDER, source: place.source };
    const { file, before = [], args, cwd } = kind.command(where, `0.0.0.0:${instance.port}`, kind.startedWith(given));
    const [option, path] = kind.mark;
    return [
      {
        instance,
        title: titleOf(instance.name),
        command: [file, ...before, `${option}${FOLDER}/${path}`, ...args],
        workingFolder: cwd,
        ready: kind.ready,
      },
    ];
  });
}

/** Addresses of the services inside, by instance. */
export function composeAddresses(programs: readonly Program[]): Record<string, string> {
  return Object.fromEntries(
    programs.map(({ instance }) => [instance.name, `${hostOf(instance.name)}:${instance.port}`]),
  );
}
