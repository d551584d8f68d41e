// Tabs that do not fit on a phone scroll sideways: the one that is open is brought into sight.
for (const tab of document.querySelectorAll(".tabs [aria-current]")) tab.scrollIntoView({ inline: "center", block: "nearest" });
