// Stands in front of the UI's own scripts: leads to the page that says what to type, while this browser has not been let in.
(() => {
  const key = "prefect-password";

  // The page that somebody wants to see. The UIs' own prompts for a password carry it along.
  function wish() {
    const base = location.pathname.replace(/\/login\/?$/, "");
    if (base === location.pathname) return location.pathname + location.search + location.hash;
    const asked = new URLSearchParams(location.search);
    const to = asked.get("redirect") || asked.get("redirectTo") || "/";
    return to.startsWith(base + "/") ? to : base + to;
  }

  function ask(to) {
    window.stop();
    location.replace("/flowmage/open?to=" + encodeURIComponent(to));
  }

  async function look() {
    const to = wish(), password = localStorage.getItem(key);
    if (!password) return ask(to);
    try {
      const answer = await fetch("/flowmage/known", { headers: { Authorization: "Basic " + password }, cache: "no-store" });
      // 429 is what the wrong ones are told when too many come at a time; the right one is never sent away.
      const refused = answer.status === 429 || (answer.status === 200 && (await answer.json()) === false);
      if (!refused) return;
    } catch {
      return; // the server is away: the UI says so
    }
    // It was the password of an environment that is gone. Another tab may have been let in meanwhile.
    if (localStorage.getItem(key) === password) localStorage.removeItem(key);
    if (localStorage.getItem(key)) location.reload();
    else ask(to);
  }

  look();
  // The UIs go to their own prompts when they are refused or logged out.
  for (const name of ["pushState", "replaceState"]) {
    const go = history[name];
    history[name] = function (...args) {
      go.apply(this, args);
      if (/\/login\/?$/.test(location.pathname)) look();
    };
  }
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && look());
})();
