// Reads a code with the camera, where the browser can do that by itself.
import { t } from "../shared/texts.js";

const LOOK_EVERY_MS = 200;

/** Whether this browser reads codes. Those that do not have a field to type in. */
export const canScan = () => "BarcodeDetector" in window && Boolean(navigator.mediaDevices?.getUserMedia);

/** Shows what the camera sees until it sees a code; gives its text, or "" when the person closes it. */
export async function scan(title) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  const box = document.createElement("dialog");
  box.className = "box scanner";
  box.innerHTML = '<form method="dialog"><header><h2></h2></header><video autoplay muted playsinline></video><footer><button class="button"></button></footer></form>';
  box.querySelector("h2").textContent = title;
  box.querySelector("footer button").textContent = t("Cancel");
  const video = box.querySelector("video");
  video.srcObject = stream;
  document.body.append(box);
  box.showModal();
  try {
    return await look(video, box);
  } finally {
    for (const track of stream.getTracks()) track.stop();
    box.remove();
  }
}

async function look(video, box) {
  const detector = new window.BarcodeDetector();
  while (box.open) {
    const [found] = await detector.detect(video).catch(() => []); // there is no picture yet
    if (found?.rawValue) return found.rawValue;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  return "";
}

/** Gives the code in what was read: an address counts by what it says last, as on the plates of doors and devices. */
export function codeIn(text) {
  try {
    const { protocol, searchParams } = new URL(text);
    if (/^https?:$/.test(protocol)) return [...searchParams.values()].pop() ?? text;
  } catch {
    // no address: the code itself
  }
  return text.trim();
}
