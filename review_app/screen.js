// The review screen in the browser: paints what Python sends, and sends back one press per key.
// Streamlit calls the default function again after every run, without cleaning up in between,
// so listeners live on one AbortController that each call replaces.

const KEYS = {
  a: "confirm", Enter: "confirm", b: "blank", u: "unknown", h: "human", v: "vehicle", s: "setup",
  n: "next", ArrowRight: "next", p: "back", ArrowLeft: "back", z: "undo",
};
const ACTS = [
  ["confirm", "↵ a"], ["correct", "c"], ["blank", "b"], ["unknown", "u"], ["human", "h"],
  ["vehicle", "v"], ["setup", "s"],
];
const MOVES = [["back", "←"], ["next", "→"], ["undo", "z"], ["help", "?"]];
const HELP = [
  ["↵ a", "confirm"], ["c /", "correct"], ["b u h v s", "marks"], ["0 – 9", "count"],
  ["→ n ← p", "move"], [", .", "frames"], ["z", "undo"], ["o", "boxes"], ["r", "show"],
];
const MOST = 999;  // animals, people or vehicles in one event
const TONES = ["animal", "human", "vehicle", "blank", "unknown"];

// What the browser knows beside what Python sent; one screen to a page.
const now = {
  data: null, send: null, event: null, frame: 0, count: null, isWaiting: false, isSeen: false,
  showsBoxes: true, opened: new Set(), signed: null, hits: [], hit: 0, asked: 0, answered: 0, wantsHit: false,
  ahead: [],
};
let $;

export default function ({ data, parentElement, setTriggerValue }) {
  $ = (id) => parentElement.querySelector("#" + id);
  now.data = data;
  now.send = setTriggerValue;
  now.isWaiting = false;
  listen();
  paint();
  return () => window.namchaListeners?.abort();
}

function listen() {
  window.namchaListeners?.abort();
  window.namchaListeners = new AbortController();
  const signal = window.namchaListeners.signal;
  // In the capture phase, so that Streamlit's own keys (c, r) do not also act.
  window.addEventListener("keydown", onKey, { capture: true, signal });
  const watcher = new ResizeObserver(placeBoxes);  // the window's size, or the sidebar's
  watcher.observe($("picture"));
  signal.addEventListener("abort", () => watcher.disconnect());
  $("search").addEventListener("input", search, { signal });
  $("search").addEventListener("focus", search, { signal });
  $("search").addEventListener("blur", forgetHits, { signal });
  $("veil").addEventListener("click", toggleVeil, { signal });
  $("veil").addEventListener("mousedown", (click) => click.preventDefault(), { signal });
  $("photo").addEventListener("load", seen, { signal });
  $("photo").addEventListener("error", unseen, { signal });
  $("film").addEventListener("error", unplayed, { signal });
}

// --- keys ------------------------------------------------------------------------------------

function onKey(key) {
  const target = key.composedPath()[0];
  const isSearch = target === $("search");
  const isElsewhere = !isSearch && /^(INPUT|TEXTAREA|SELECT|BUTTON)$/.test(target.tagName || "")
    && !$("desk").contains(target);
  if (target.tagName === "VIDEO") {  // the player's own keys: space, arrows, m
    if (key.key === "Escape") $("desk").focus({ preventScroll: true });
    return;
  }
  if (target.tagName === "BUTTON" && (key.key === "Enter" || key.key === " ")) return;  // a click
  if (isElsewhere || key.ctrlKey || key.metaKey || key.altKey || key.isComposing || key.keyCode === 229) return;
  const done = isSearch ? searchKey(key.key) : deskKey(key.key, key.repeat);
  if (done) { key.preventDefault(); key.stopPropagation(); }
}

function deskKey(key, isRepeat) {
  const plain = key.length === 1 ? key.toLowerCase() : key;
  if (!$("help").hidden) { $("help").hidden = true; return true; }
  if (plain === "?") { $("help").hidden = false; return true; }
  if (plain === "c" || plain === "/") { $("search").focus(); return true; }
  if (plain === ",") return step(-1);
  if (plain === ".") return step(1);
  if (/^[0-9]$/.test(plain)) return typeCount(plain);
  if (plain === "Backspace") return setCount(Math.floor((now.count ?? 0) / 10));
  if (plain === "o") { now.showsBoxes = !now.showsBoxes; paintFrame(); return true; }
  if (plain === "r") { toggleVeil(); return true; }
  if (plain === "Escape") { $("desk").focus(); return setCount(0); }
  if (KEYS[plain] === undefined) return false;
  if (!isRepeat) press(KEYS[plain]);  // a key held down is one decision, not twenty
  return true;
}

function searchKey(key) {
  if (now.wantsHit) return true;  // Enter came before the answer: what follows is for later
  if (key === "Escape") { leaveSearch(); return true; }
  if (key === "ArrowDown" || key === "ArrowUp") {
    // Counted even before the answer is there, so that quick fingers get what they typed.
    const last = isAnswered() ? now.hits.length - 1 : Infinity;
    now.hit = Math.max(0, Math.min(last, now.hit + (key === "ArrowDown" ? 1 : -1)));
    paintHits();
    return true;
  }
  if (key === "Enter") {
    if (isAnswered()) choose(now.hit); else now.wantsHit = true;
    return true;
  }
  return /^[0-9]$/.test(key) ? typeCount(key) : false;
}

function typeCount(digit) {  // 1 2 is twelve; 0 by itself is no count but "as proposed"
  const number = Number(`${now.count ?? ""}${digit}`);
  return number > MOST ? true : setCount(number);
}

function setCount(number) {
  now.count = number || null;
  paintCount();
  return true;
}

// --- acts ------------------------------------------------------------------------------------

function press(act, more = {}) {
  if (act === "correct") return $("search").focus();
  if (act === "help") { $("help").hidden = !$("help").hidden; return; }
  const isMove = act === "next" || act === "back" || act === "undo";
  // Nobody decides on what they have not seen: not while the next event is on its way.
  if (now.isWaiting || (!isMove && (!now.event || !now.isSeen))) return;
  now.isWaiting = true;
  now.send("press", {
    token: newToken(), act, event: now.event?.id ?? null, review: now.event?.reviewId ?? null,
    media: now.event?.media ?? null, shown: now.event?.call.type ?? null, count: shownCount(), ...more,
  });
  leaveSearch();
}

function newToken() {  // crypto.randomUUID is missing on plain http in an office network
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function step(by) {
  const frames = now.event?.frames ?? [];
  if (frames.length) showFrame((now.frame + by + frames.length) % frames.length);
  return true;
}

function toggleVeil() {
  const frame = now.event?.frames[now.frame];
  if (!frame?.isRestricted) return;
  if (!now.opened.delete(frame.id)) now.opened.add(frame.id);
  paintFrame();
}

// --- taxa ------------------------------------------------------------------------------------

async function search() {
  const asked = ++now.asked;
  now.hit = 0;
  const text = $("search").value;
  const query = new URLSearchParams({ text, recent: now.data.recent.join(",") });
  let hits = [];
  try {
    hits = (await (await fetch("taxa?" + query)).json()).hits;
  } catch { /* the server is gone: Streamlit says so itself */ }
  if (asked !== now.asked) return;  // an answer to what was typed before
  now.answered = asked;
  now.hits = hits;
  if (!text.trim()) now.hits = [...hits, { taxon_id: null }];
  now.hit = Math.max(0, Math.min(now.hit, now.hits.length - 1));
  paintHits();
  if (now.wantsHit) { now.wantsHit = false; choose(now.hit); }
}

function isAnswered() { return now.asked === now.answered; }

function choose(number) {
  const hit = now.hits[number];
  if (!hit) return;
  if (hit.taxon_id === null) press("animal"); else press("correct_taxon", { act: "correct", taxon: hit.taxon_id });
}

function leaveSearch() {
  $("search").value = "";
  now.wantsHit = false;
  now.asked = now.answered = now.asked + 1;
  forgetHits();
  $("desk").focus({ preventScroll: true });
}

function forgetHits() {
  now.hits = [];
  $("hits").replaceChildren();
}

function paintHits() {
  const w = now.data.words, isChinese = now.data.language === "zh";
  const rows = now.hits.map((hit, number) => {
    const common = hit.taxon_id === null ? w.unidentified : (isChinese ? hit.zh : hit.en);
    const other = isChinese ? hit.en : hit.zh;
    const row = make("li", number === now.hit ? "now" : "", [
      make("b", "", common || hit.scientific_name), common && hit.scientific_name && make("em", "", hit.scientific_name),
      other && other !== common && make("small", "", other),
    ]);
    row.onmousedown = (click) => { click.preventDefault(); choose(number); };
    return row;
  });
  if (!rows.length && $("search").value.trim()) rows.push(make("li", "", [make("small", "", w.no_hit)]));
  $("hits").replaceChildren(...rows);
}
