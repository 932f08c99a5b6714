import { removeAfterFile } from "./temporary-folders.ts";

removeAfterFile();
