// Talks to our own server: same origin, CSRF token, JSON.

/** Sends JSON and gives `{status, body}`; status 0 means that no answer came. */
export async function send(url, body, { method = "POST" } = {}) {
  const headers = { Accept: "application/json", "X-CSRFToken": token() };
  if (!(body instanceof FormData)) headers["Content-Type"] = "application/json";
  try {
    const response = await fetch(url, {
      method,
      headers,
      body: body instanceof FormData ? body : JSON.stringify(body),
      credentials: "same-origin",
    });
    const isJson = (response.headers.get("Content-Type") ?? "").includes("json");
    return { status: response.status, body: isJson ? await response.json() : {} };
  } catch {
    return { status: 0, body: {} };
  }
}

function token() {
  return document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}
