// The few sentences that scripts say themselves; everything else comes translated from the server.
import zh from "./zh.json";

const { lang } = document.documentElement;
const dictionary = lang.startsWith("zh") ? zh : {};

/** How dates and numbers are written: our English is not that of the United States. */
export const locale = lang === "en" ? "en-GB" : lang;

/** Gives a sentence in the page's language, `{name}` replaced by what `values` holds under it. */
export function t(sentence, values = {}) {
  return (dictionary[sentence] ?? sentence).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
