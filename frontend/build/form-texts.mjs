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
  ["errors.push('Field is required.')", "errors.push(__t('Fill this in'))"],
  ["errors.push('Value is not a number.')", "errors.push(__t('Enter a number'))"],
  ["validation.patternErrorMessage || `Field must match pattern ${validation.pattern}.`", "validation.patternErrorMessage || __t('Enter this in the form that is asked for')"],
  ["`Field must have minimum value of ${validation.min}.`", "__t('Enter {limit} or more', { limit: validation.min })"],
  ["`Field must have maximum value of ${validation.max}.`", "__t('Enter {limit} or less', { limit: validation.max })"],
  ["`Field must have minimum length of ${validation.minLength}.`", "__t('Enter at least {count} characters', { count: validation.minLength })"],
  ["`Field must have maximum length of ${validation.maxLength}.`", "__t('Enter at most {count} characters', { count: validation.maxLength })"],
  ["'Field must be a valid  international phone number. (e.g. +4930664040900)'", "__t('Enter a telephone number, such as 13800138000, 010-62345678 or +4930664040900')"],
  ["'Field must be a valid email.'", "__t('Enter a mail address, such as name@example.com')"],
  [
    "'Value is expected to ' + (decimalDigits === 0 ? 'be an integer' : `have at most ${decimalDigits} decimal digit${decimalDigits > 1 ? 's' : ''}`) + '.'",
    "decimalDigits === 0 ? __t('Enter a whole number') : __t('At most {count} decimals', { count: decimalDigits })",
  ],
  [
    "`Please select a valid value, the two nearest valid values are ${previousValue} and ${nextValue}.`",
    "__t('The nearest possible values are {lower} and {upper}', { lower: String(previousValue), upper: String(nextValue) })",
  ],
  // its own pattern knows no Chinese numbers
  ["!PHONE_PATTERN.test(value)", "!__isPhone(value)"],
  // dates are written as the page's language writes them, not the browser's
  ["flatpickerizeDateFormat(getLocaleDateFormat(locale))", "flatpickerizeDateFormat(getLocaleDateFormat(__locale))"],
  ["getLocaleDateFormat(locale).toLowerCase()", "getLocaleDateFormat(__locale).toLowerCase()"],
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
        return { contents: `import { locale as __locale, t as __t } from "propflow-texts";\nimport { isPhone as __isPhone } from "propflow-phone";\n${text}`, loader: "js" };
      });
    },
  };
}
