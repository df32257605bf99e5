// Does on the page of script.html what people do, and writes what came of it into the document's title, as JSON.
(async () => {
  const seen = {}, id = (name) => document.getElementById(name);
  const submits = [];
  addEventListener("submit", (event) => { submits.push(!event.defaultPrevented); event.preventDefault(); });
  const later = (ms) => new Promise((done) => setTimeout(done, ms));

  seen.js = document.documentElement.className;
  seen.shown = getComputedStyle(id("only")).display;
  const time = id("said").querySelector("time");
  seen.time = [time.textContent, time.title];

  let copied = "";
  const clipboard = (writeText) => Object.defineProperty(navigator, "clipboard", { value: { writeText }, configurable: true });
  clipboard(async (text) => { copied = text; });
  id("copy").click();
  await later(10);
  seen.copied = [copied, id("copy").textContent];
  await later(2100);
  seen.copy = id("copy").textContent;
  clipboard(async () => { throw new Error("denied"); });
  id("copy").click();
  await later(10);
  seen.selected = getSelection().toString().trim();

  window.print = () => { seen.printed = true; };
  id("print").click();

  seen.waiting = [id("wait").disabled, /^Again \(1:1\d\)$/.test(id("wait").textContent)];
  await later(80000);
  seen.waited = [id("wait").disabled, id("wait").textContent];

  const code = document.querySelector("[name=code]");
  const type = (text) => { code.value = text; code.dispatchEvent(new Event("input", { bubbles: true })); };
  type("12 3x");
  seen.typed = [code.value, submits.length];
  type("12 34-56 78");
  await later(10);
  seen.complete = [code.value, submits.slice(), id("send").disabled];
  type("123456");
  id("form").requestSubmit();
  await later(10);
  seen.twice = submits.slice();
  dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
  seen.back = id("send").disabled;
  id("form").requestSubmit();
  await later(10);
  seen.again = submits.slice();
  await later(16000);
  seen.released = id("send").disabled;
  document.title = JSON.stringify(seen);
})();
