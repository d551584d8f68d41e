// What every page has: htmx, keys, live counts, toasts, dialogs, theme, ticking times.
import htmx from "htmx.org";

import "./confirm.js";
import "./fold.js";
import "./keyboard.js";
import "./live.js";
import "./narrow.js";
import "./panes.js";
import "./tabs.js";
import "./theme.js";
import "./time.js";
import "./toast.js";

window.htmx = htmx;
