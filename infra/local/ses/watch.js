// Looks again every three seconds and shows what is new. A page that reloads by itself takes its reader's place, and the focus, each time.
const shown = () => ["header", "main"].map(name => document.querySelector(name));

async function look() {
  try {
    const answer = await fetch(location.href);
    if (answer.ok) {
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of shown()) {
        const now = fresh.querySelector(part.tagName);
        if (now.innerHTML !== part.innerHTML) part.replaceWith(now);
      }
    }
  } catch {
    // The local stack has ended, or starts again: what was seen stays.
  }
  setTimeout(look, 3000);
}

setTimeout(look, 3000);
