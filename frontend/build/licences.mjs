import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

/** What the bundles hold of others: a table for this folder and the full texts that travel with the built files. */
export async function licences(here, metafile) {
  const packages = new Set(["@tabler/icons"]);
  for (const input of Object.keys(metafile.inputs)) {
    const found = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(input);
    if (found) packages.add(found[1]);
  }
  const rows = [];
  const texts = [];
  for (const name of [...packages].sort()) {
    const folder = join(here, "node_modules", name);
    const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    rows.push(`| ${name} | ${version} | ${license} |`);
    const file = (await readdir(folder)).filter((entry) => /^licen[sc]e/i.test(entry)).sort()[0];
    const text = file ? (await readFile(join(folder, file), "utf8")).trim() : `${license}`;
    texts.push(`${name} ${version}\n${"=".repeat(72)}\n${text}\n`);
  }
  const table = [
    "# What the browser bundles hold",
    "",
    "Written by `npm run build`; the full texts travel with the built files in `webui/static/licences.txt`.",
    "The licence of bpmn-js and form-js asks that the bpmn.io mark stays visible wherever a diagram or form of theirs shows.",
    "",
    "| package | version | licence |",
    "| --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
  return { table, texts: texts.join("\n") };
}
