import { CHECKOUT, FOLDER, hostOf, PLACES, type Program } from "../../builders/compose/programs.ts";
import { composeProject, composeText, envText } from "../../builders/compose/project.ts";
import type { Declared } from "../local/services/declared.ts";
import { kindOf, titleOf } from "../local/services/local-service.ts";

/** What the platforms of a stack ask for. */
type Asked = Pick<Declared, "instances" | "shared" | "platforms">;

/** What `bucketworks compose` writes, text by name in the checkout. */
export function composeFiles(asked: Asked): Readonly<Record<"compose.yaml" | ".env.example", string>> {
  const programs = composePrograms(asked);
  const project = composeProject(
    programs,
    asked.platforms.map(({ name }) => name),
  );
  return { "compose.yaml": composeText(project), ".env.example": envText(programs) };
}

/** The services that platforms ask for, as far as Compose runs them; each is started as on a laptop. */
export function composePrograms({ instances, shared, platforms }: Asked): Program[] {
  return instances.flatMap((instance): Program[] => {
    const place = PLACES[instance.kind];
    if (place === undefined) return [];
    const { kind } = kindOf(instance.name);
    const given = { folder: FOLDER, instance, shared, platforms, isJudged: true, alerts: undefined };
    const where = { root: CHECKOUT, folder: FOLDER, source: place.source };
    const { file, before = [], args, cwd } = kind.command(where, listens(instance.port), kind.startedWith(given));
    const [option, path] = kind.mark;
    const words = [file, ...before, `${option}${FOLDER}/${path}`, ...args];
    const { moved: [from, to] = [CHECKOUT, CHECKOUT], without = [] } = place;
    return [
      {
        instance,
        title: titleOf(instance.name),
        command: words.filter((word) => !without.includes(word)).map((word) => word.replace(from, to)),
        workingFolder: cwd,
        ready: kind.ready,
      },
    ];
  });
}

/** On every address of its container. */
function listens(port: number): string {
  return `0.0.0.0:${port}`;
}

/** What a service's documents take for its own address. */
export function ownAddress({ instance }: Program, addresses: Readonly<Record<string, string>>): string {
  const { listensByDocument = false } = PLACES[instance.kind] ?? {};
  return listensByDocument ? listens(instance.port) : (addresses[instance.name] ?? "");
}

/** Addresses of the services inside, by instance. */
export function composeAddresses(programs: readonly Program[]): Record<string, string> {
  return Object.fromEntries(
    programs.map(({ instance }) => [instance.name, `${hostOf(instance.name)}:${instance.port}`]),
  );
}
