// Loaded before anything is painted: a theme chosen by hand must not flash. "auto" is the absence of a choice: CSS follows the system.
(() => {
  "use strict";
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.bsTheme = theme;
  } catch { /* storage may be forbidden; then the system decides */ }
})();
