// Pages work without this. With it they keep up with the board: when something changes, the parts of the page that are marked live are fetched anew
// and put in place, unless somebody is filling in a form there.
"use strict";
(() => {
  const parts = () => document.querySelectorAll("[data-live]");
  const all = document.querySelector("[data-check-all]");
  if (all) {
    document.addEventListener("change", (event) => {
      if (event.target.matches("[data-check-all]")) {
        document.querySelectorAll('input[type="checkbox"][name="key"]').forEach((box) => { box.checked = event.target.checked; });
      }
    });
  }
  // The playground: a link to a line shows that line where it is edited.
  const area = document.querySelector("textarea.code");
  const go = (line) => {
    const lines = area.value.split("\n");
    const at = Math.min(Math.max(line, 1), lines.length) - 1;
    const start = lines.slice(0, at).reduce((sum, text) => sum + text.length + 1, 0);
    area.focus();
    area.setSelectionRange(start, start + lines[at].length);
    area.scrollTop = (at / lines.length) * area.scrollHeight - area.clientHeight / 3;
  };
  if (area) {
    if (area.dataset.line) go(Number(area.dataset.line));
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-line]");
      if (link) { event.preventDefault(); go(Number(link.dataset.line)); }
    });
  }
  if (!parts().length || !window.EventSource) return;
  let waiting = false;
  const busy = () => [...parts()].some((part) => part.contains(document.activeElement) && document.activeElement.matches("input, select, textarea"))
    || document.querySelector('[data-live] input[type="checkbox"]:checked');
  const refresh = async () => {
    if (busy()) { waiting = true; return; }
    waiting = false;
    const answer = await fetch(location.href, { headers: { "x-live": "1" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    parts().forEach((part) => {
      const fresh = page.querySelector('[data-live="' + part.dataset.live + '"]');
      if (!fresh || fresh.innerHTML === part.innerHTML) return;
      const focused = part.contains(document.activeElement) && document.activeElement.getAttribute("href");
      part.replaceWith(fresh);
      if (focused) { const same = fresh.querySelector('a[href="' + CSS.escape(focused) + '"]'); if (same) same.focus(); }
    });
  };
  let timer = 0;
  const soon = () => { clearTimeout(timer); timer = setTimeout(refresh, 400); };
  const source = new EventSource("/live");
  source.addEventListener("change", soon);
  document.addEventListener("focusout", () => { if (waiting) soon(); });
})();
