// The few sentences that scripts say themselves; everything else comes translated from the server.
import zh from "./zh.json";

const dictionary = document.documentElement.lang.startsWith("zh") ? zh : {};

/** Gives a sentence in the page's language, `{name}` replaced by what `values` holds under it. */
export function t(sentence, values = {}) {
  return (dictionary[sentence] ?? sentence).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
