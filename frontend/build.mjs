// Builds webui/static from src: three scripts, their style sheets, one icon sprite and the licences of all that is in them.
// The same sources give the same bytes, so that a check can rebuild and compare.
import { build } from "esbuild";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { darkTokens } from "./build/dark.mjs";
import { formTexts } from "./build/form-texts.mjs";
import { sprite } from "./build/icons.mjs";
import { licences } from "./build/licences.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const target = process.env.PROPFLOW_STATIC ?? join(here, "..", "webui", "static");

const result = await build({
  absWorkingDir: here,
  entryPoints: {
    app: "src/app/index.js",
    "app-style": "src/css/app.css",
    form: "src/form/index.js",
    "form-style": "src/css/form.css",
    viewer: "src/viewer/index.js",
    "viewer-style": "src/css/viewer.css",
  },
  outdir: target,
  write: false,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2020", "chrome100", "firefox100", "safari15"],
  charset: "utf8",
  legalComments: "none",
  metafile: true,
  jsx: "automatic",
  jsxImportSource: "preact",
  alias: {
    react: "preact/compat",
    "react-dom": "preact/compat",
    "propflow-texts": join(here, "src/shared/texts.js"),
    "propflow-phone": join(here, "src/shared/phone.js"),
  },
  loader: { ".svg": "dataurl", ".woff2": "dataurl", ".woff": "empty", ".ttf": "empty", ".eot": "empty" },
  plugins: [darkTokens(), formTexts()],
  logLevel: "warning",
});

await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });
for (const file of result.outputFiles) {
  await writeFile(file.path, file.contents);
}
await writeFile(join(target, "icons.svg"), await sprite(here, await used()));
await writeFile(join(target, "favicon.svg"), await readFile(join(here, "src", "favicon.svg")));
const { table, texts } = await licences(here, result.metafile);
await writeFile(join(here, "LICENSES.md"), table);
await writeFile(join(target, "licences.txt"), texts);

/** Names of the icons that templates and scripts mention, so that the sprite holds no other. */
async function used() {
  const names = new Set();
  for (const root of [join(here, "src"), join(here, "..", "webui")]) {
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
      const folder = entry.parentPath ?? entry.path; // Node before 20.12 has only the older name
      if (!entry.isFile() || !/\.(html|js|jsx|py)$/.test(entry.name) || folder.startsWith(target)) continue;
      const text = await readFile(join(folder, entry.name), "utf8");
      for (const [, name] of text.matchAll(/\b(?:icon|empty|note)\(\s*"([a-z0-9-]+)"/g)) names.add(name);
      for (const [, name] of text.matchAll(/\bicon[:=]\s*"([a-z0-9-]+)"/g)) names.add(name);
      for (const [, list] of text.matchAll(/\bICONS\b[^\n({]*= [({]([^)}]*)[)}]/g)) {
        for (const [, name] of list.matchAll(/"([a-z0-9-]+)"(?!\s*:)/g)) names.add(name);
      }
    }
  }
  return [...names].sort();
}
