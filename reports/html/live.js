(() => {
  "use strict";
  const link = document.getElementById("live-link");
  const scenarios = document.getElementById("live-scenarios");
  const place = (id) => {
    const there = document.getElementById(id);
    if (there || !id.startsWith("s-")) return there;
    const made = document.createElement("div");
    made.id = id;
    made.className = "scenario";
    const next = [...scenarios.children].find((x) => x.id > id);
    scenarios.insertBefore(made, next || null);
    return made;
  };
  const put = (part) => {
    const to = place(part.id);
    if (!to) return;
    const open = [...to.querySelectorAll("details")].map((d) => d.open);
    to.innerHTML = part.html;
    [...to.querySelectorAll("details")].forEach((d, i) => { if (open[i]) d.open = true; });
  };
  const source = new EventSource("events");
  source.addEventListener("parts", (e) => JSON.parse(e.data).forEach(put));
  source.addEventListener("over", () => {
    source.close();
    link.textContent = "the run has ended";
    document.body.dataset.state = "over";
  });
  source.onopen = () => {
    link.textContent = "live";
    document.body.dataset.state = "live";
  };
  source.onerror = () => {
    link.textContent = "no connection";
    document.body.dataset.state = "lost";
  };
})();
