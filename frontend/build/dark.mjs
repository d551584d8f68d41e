import { readFile } from "node:fs/promises";

/** Writes the dark tokens once more for `prefers-color-scheme`, so that the source says them once. */
export function darkTokens() {
  return {
    name: "dark-tokens",
    setup(build) {
      build.onLoad({ filter: /css\/tokens\.css$/ }, async ({ path }) => {
        const text = await readFile(path, "utf8");
        const dark = /:root\[data-theme="dark"\] \{([\s\S]*?)\n {2}\}/.exec(text)?.[1];
        if (!dark || !text.includes("--tokens: dark;")) throw new Error("tokens.css has no dark tokens to repeat");
        return { contents: text.replace("--tokens: dark;", dark), loader: "css" };
      });
    },
  };
}
