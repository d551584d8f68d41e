// What a completed task leads to is often decided a moment later, by a job. The notice that said "done" follows up on it for a few seconds.
const AFTER_MS = [400, 800, 1200, 2000, 3000];

/** Asks a few times what came next; hands the first answer, `{message, link, kind}`, to `tell`. Stops without a word where none comes. */
export async function follow(url, tell) {
  for (const pause of AFTER_MS) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    try {
      const response = await fetch(url, { headers: { Accept: "application/json" } });
      if (response.status === 200) return tell(await response.json());
      if (response.status !== 204) return;
    } catch {
      return; // the page itself says when it is offline
    }
  }
}
