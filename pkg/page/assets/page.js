// What pages do better with a script. Nothing depends on it: see doc of package page for the attributes that it looks for.
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");
  const each = (selector, act) => document.querySelectorAll(selector).forEach(act);

  // Times in the reader's own zone; the one in words stays as the title.
  const locale = navigator.languages.find((l) => l.startsWith(root.lang)) || root.lang;
  each("time[datetime*=T]", (el) => {
    const at = new Date(el.dateTime);
    if (isNaN(at)) return;
    el.title = el.textContent;
    el.textContent = at.toLocaleString(locale, { dateStyle: "long", timeStyle: "short" });
  });

  // A countdown of seconds; a button cannot be pressed before it ends.
  each("[data-wait]", (el) => {
    const end = Date.now() + 1000 * Number(el.dataset.wait);
    const label = el.textContent;
    const tick = () => {
      const left = Math.ceil((end - Date.now()) / 1000);
      el.disabled = left > 0;
      if (!(left > 0)) {
        el.textContent = label;
        return;
      }
      const clock = Math.floor(left / 60) + ":" + String(left % 60).padStart(2, "0");
      el.textContent = (el.dataset.waitLabel || "{time}").replace("{time}", clock);
      setTimeout(tick, 250);
    };
    tick();
  });

  // Copying what another element says; where that is not allowed it is selected.
  each("[data-copy]", (el) => {
    el.addEventListener("click", async () => {
      const from = document.getElementById(el.dataset.copy);
      try {
        await navigator.clipboard.writeText(from.innerText.trim());
        const label = el.textContent;
        el.textContent = el.dataset.done || label;
        setTimeout(() => { el.textContent = label; }, 2000);
      } catch {
        getSelection().selectAllChildren(from);
      }
    });
  });

  each("[data-print]", (el) => el.addEventListener("click", () => print()));

  // A form is sent once. Its buttons work again when the browser comes back to the page, or nothing has come of it.
  const sent = new Set();
  const release = (form) => {
    sent.delete(form);
    form.querySelectorAll("button").forEach((b) => { b.disabled = false; });
  };
  addEventListener("submit", (event) => {
    const form = event.target;
    if (sent.has(form)) {
      event.preventDefault();
      return;
    }
    sent.add(form);
    setTimeout(() => form.querySelectorAll("button").forEach((b) => { b.disabled = true; }));
    setTimeout(release, 15000, form);
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) sent.forEach(release);
  });

  // A code: what is no digit is dropped, pasted or typed; the form is sent when it is complete, once.
  each("[data-submit-when-complete]", (el) => {
    const wanted = Number(el.dataset.submitWhenComplete);
    let last = "";
    el.addEventListener("input", () => {
      const digits = el.value.replace(/\D/g, "").slice(0, wanted);
      if (digits !== el.value) el.value = digits;
      if (digits.length === wanted && digits !== last && el.form.checkValidity()) {
        last = digits;
        el.form.requestSubmit();
      }
    });
  });

  // A form that sends itself: once in a window, whatever comes of it. Where that cannot be remembered somebody presses its button.
  each("form[data-auto-submit]", (form) => {
    const key = "sent " + location.pathname + location.search + " " + form.getAttribute("action");
    try {
      if (sessionStorage.getItem(key)) return;
      sessionStorage.setItem(key, "1");
    } catch {
      return;
    }
    form.requestSubmit();
  });
})();
