// Finds what a person means. kind: "field" by its visible label; "click": a button, a link or the label of a box, by what stands on it; "text", "lacks": whether the page shows it, or does not;
// "shown": all that it shows. within: texts of the parts to look in, each within the one before. Null where there is nothing (yet), an exception where there are two.
(kind, wanted, within) => {
  const plain = text => text.replace(/\s+/g, " ").trim();
  const seen = e => {
    const box = e.getBoundingClientRect();
    return e.checkVisibility({ visibilityProperty: true, opacityProperty: true, contentVisibilityAuto: true }) && box.width > 1 && box.height > 1;
  };
  const control = "input, select, textarea, button";
  // The text of an element as it is seen, without that of controls in it. (No TreeWalker: it calls back, which a page without JavaScript does not do.)
  const pieces = node => {
    if (node.nodeType === Node.TEXT_NODE) return node.data;
    if (node.nodeType !== Node.ELEMENT_NODE || node.matches(control + ", script, style, [aria-hidden=true]") || getComputedStyle(node).display === "none") return "";
    return [...node.childNodes].map(pieces).join(" ");
  };
  const text = e => plain(pieces(e));
  const value = e => e.matches("select") ? [...e.selectedOptions].map(o => o.label).join(" ") : e.matches("[type=hidden], [type=password], [type=checkbox], [type=radio], [type=file]") ? "" : e.value;
  const shown = e => plain([e.innerText, ...[...e.querySelectorAll("input, select, textarea")].filter(seen).map(value)].join(" "));

  let root = document.body;
  for (const part of within ?? []) {
    const all = [...(root?.querySelectorAll("tr, li, form, fieldset, dialog, article, section, [role=row], [role=group], [role=dialog], [role=alert], [role=status]") ?? [])];
    const having = all.filter(e => seen(e) && shown(e).includes(plain(part)));
    root = having.find(e => !having.some(other => other !== e && e.contains(other)));
  }
  if (!root) return kind === "shown" ? "" : null;
  if (kind === "shown") return shown(root);
  if (kind === "text") return shown(root).includes(plain(wanted));
  if (kind === "lacks") return !shown(root).includes(plain(wanted));

  // [name, element] of all there is of the kind.
  let named = [];
  const labels = [...root.querySelectorAll("label")].filter(seen);
  if (kind === "field") {
    const fields = [...root.querySelectorAll("input:not([type=hidden], [type=submit], [type=button], [type=reset], [type=image]), select, textarea")];
    for (const label of labels) if (label.control && fields.includes(label.control)) named.push([text(label), label.control]);
    for (const field of fields) {
      const by = (field.getAttribute("aria-labelledby") ?? "").split(/\s+/).map(id => document.getElementById(id)).filter(e => e && seen(e));
      if (by.length) named.push([plain(by.map(text).join(" ")), field]);
    }
  } else {
    const name = e => plain(e.matches("input") ? e.value || (e.type === "submit" ? "Submit" : "") : e.innerText) || plain(e.getAttribute("aria-label") ?? "") || plain([...e.querySelectorAll("img[alt]")].map(i => i.alt).join(" "));
    const all = root.querySelectorAll("button, a[href], summary, input[type=submit], input[type=button], input[type=reset], [role=button], [role=link], [role=tab], [role=menuitem], [role=switch]");
    for (const e of all) if (seen(e)) named.push([name(e), e]);
    for (const label of labels) if (label.control?.matches("[type=checkbox], [type=radio]")) named.push([text(label), label]);
  }
  if (wanted === null) return named.map(n => n[0]);
  const exact = named.filter(([name]) => name === plain(wanted));
  const begins = named.filter(([name]) => name.startsWith(plain(wanted)) && !/[\p{L}\p{N}]/u.test(name[plain(wanted).length] ?? ""));
  const fitting = [...new Set((exact.length ? exact : begins).map(n => n[1]))];
  if (fitting.length > 1) throw new Error(`${fitting.length} things are called “${wanted}”`);
  const one = fitting[0];
  return !one || (one.control ?? one).disabled || one.getAttribute("aria-disabled") === "true" ? null : one;
}
