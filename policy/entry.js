// Pulumi loads a policy pack through a compiler that type-checks it at every start; from here on Node strips the types itself.
import "./index.ts";
