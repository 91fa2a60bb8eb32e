/** `npm run notices`: writes THIRD-PARTY-NOTICES from what is in dist/. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundledPackages, ROOT } from "./bundledPackages.ts";
import { thirdPartyNotices } from "./thirdPartyNotices.ts";

writeFileSync(join(ROOT, "THIRD-PARTY-NOTICES"), thirdPartyNotices(bundledPackages(join(ROOT, "dist"))));
