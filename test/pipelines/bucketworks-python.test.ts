import { pythonProject } from "../support/pipelines/python-project.ts";
import { pythonTestsIn } from "../support/pipelines/python-tests.ts";

pythonTestsIn({ home: "python", folders: ["tests"] }, pythonProject);
