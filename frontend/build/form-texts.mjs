import { readFile } from "node:fs/promises";

// form-js writes these sentences itself and has no setting for them; each is handed to our dictionary instead.
const SENTENCES = [
  "No results",
  "All values selected",
  "Search",
  "Skip to search",
  "Remove tag",
  "Nothing to show.",
  "Previous page",
  "Next page",
  "Add new",
  "Collapse",
  "Date and time must both be entered.",
];
const PLACES = [
  ["valueLabel || 'Select'", "valueLabel || __t('Select')"],
  ["`Expand all (${values.length - 1})`", "__t('Expand all ({count})', { count: values.length - 1 })"],
  ["`Remove list item ${itemIndex + 1}`", "__t('Remove list item {number}', { number: itemIndex + 1 })"],
  ["errors.push('Field is required.')", "errors.push(__t('This is required'))"],
  ["errors.push('Value is not a number.')", "errors.push(__t('This is not a number'))"],
  ["validation.patternErrorMessage || `Field must match pattern ${validation.pattern}.`", "validation.patternErrorMessage || __t('This does not have the expected form')"],
  ["`Field must have minimum value of ${validation.min}.`", "__t('At least {limit}', { limit: validation.min })"],
  ["`Field must have maximum value of ${validation.max}.`", "__t('At most {limit}', { limit: validation.max })"],
  ["`Field must have minimum length of ${validation.minLength}.`", "__t('At least {count} characters', { count: validation.minLength })"],
  ["`Field must have maximum length of ${validation.maxLength}.`", "__t('At most {count} characters', { count: validation.maxLength })"],
  ["'Field must be a valid  international phone number. (e.g. +4930664040900)'", "__t('This is not a telephone number')"],
  ["'Field must be a valid email.'", "__t('This is not an e-mail address')"],
  [
    "'Value is expected to ' + (decimalDigits === 0 ? 'be an integer' : `have at most ${decimalDigits} decimal digit${decimalDigits > 1 ? 's' : ''}`) + '.'",
    "decimalDigits === 0 ? __t('Only whole numbers') : __t('At most {count} decimals', { count: decimalDigits })",
  ],
  [
    "`Please select a valid value, the two nearest valid values are ${previousValue} and ${nextValue}.`",
    "__t('The nearest possible values are {lower} and {upper}', { lower: String(previousValue), upper: String(nextValue) })",
  ],
  // dates are written as the page's language writes them, not the browser's
  ["flatpickerizeDateFormat(getLocaleDateFormat(locale))", "flatpickerizeDateFormat(getLocaleDateFormat(document.documentElement.lang))"],
  ["getLocaleDateFormat(locale).toLowerCase()", "getLocaleDateFormat(document.documentElement.lang).toLowerCase()"],
];

/** Rewrites form-js while it is bundled; a sentence that an update has moved or changed stops the build. */
export function formTexts() {
  return {
    name: "form-texts",
    setup(build) {
      build.onLoad({ filter: /form-js-viewer\/dist\/index\.es\.js$/ }, async ({ path }) => {
        let text = await readFile(path, "utf8");
        const places = [...SENTENCES.flatMap((s) => [[`'${s}'`, `__t('${s}')`], [`"${s}"`, `__t('${s}')`]]), ...PLACES];
        const seen = new Set();
        for (const [from, to] of places) {
          if (text.includes(from)) seen.add(to);
          text = text.replaceAll(from, to);
        }
        const missing = places.filter(([, to]) => !seen.has(to));
        if (missing.length) throw new Error(`form-js no longer says ${missing.map(([from]) => from).join(", ")}`);
        return { contents: `import { t as __t } from "propflow-texts";\n${text}`, loader: "js" };
      });
    },
  };
}
