const AFTER_MS = 400;
const KEEP_MS = 14 * 24 * 3600 * 1000;

/** What was typed into one form, in this browser only. Without a name nothing is kept. */
export function draftOf(name) {
  const key = name ? `draft:${name}` : "";
  let timer = 0;
  return {
    read() {
      const found = key && localStorage.getItem(key);
      if (!found) return null;
      const draft = JSON.parse(found);
      if (Date.now() - draft.at < KEEP_MS) return draft;
      localStorage.removeItem(key);
      return null;
    },
    write(values) {
      if (!key) return;
      clearTimeout(timer);
      timer = setTimeout(() => localStorage.setItem(key, JSON.stringify({ at: Date.now(), values })), AFTER_MS);
    },
    clear() {
      clearTimeout(timer);
      if (key) localStorage.removeItem(key);
    },
  };
}
