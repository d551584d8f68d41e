const PHONES = [
  /^(?:\+|00)\d{6,24}$/, // international
  /^1[3-9]\d{9}$/, // Chinese mobile
  /^0\d{2,3}-?\d{7,8}(?:-\d{1,6})?$/, // Chinese landline with area code, and extension
  /^400-?\d{3}-?\d{4}$/,
];

/** Says whether a text is a telephone number, as the server does; blanks, brackets and hyphens inside are allowed. */
export function isPhone(text) {
  const bare = text.replace(/[\s()（）]/g, "");
  return PHONES.some((phone) => phone.test(bare) || phone.test(bare.replaceAll("-", "")));
}
