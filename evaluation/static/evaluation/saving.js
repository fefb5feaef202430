// The rater's outbox on this page: how a change is sent, and the line that says whether it is saved.
import { Outbox } from "./outbox.js";

const LONGEST_WAIT_MS = 15_000;

async function send(item) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  try {
    const response = await fetch(item.url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body: JSON.stringify(item.body),
      signal: AbortSignal.timeout(LONGEST_WAIT_MS),
    });
    if (response.ok) {
      const { saved, version } = await response.json();
      return { kind: "saved", at: saved, version };
    }
    if (response.status === 400 || response.status === 409) {
      const { message, current } = (await response.json()).refused;
      return { kind: "refused", message, current };
    }
    if (response.status === 404) {
      return { kind: "refused", message: gettext("This submission is no longer yours to rate.") };
    }
    return { kind: response.status === 403 ? "logged-out" : "away" };
  } catch {
    return { kind: "away" };
  }
}

function sentence({ kind, at, message, waiting }) {
  const many = ngettext("%s change waits", "%s changes wait", waiting).replace("%s", waiting);
  if (kind === "saving") return gettext("saving…");
  if (kind === "refused") return message;
  if (kind === "away") return gettext("offline: %s on this device").replace("%s", many);
  if (kind === "logged-out") return gettext("not saved: please log in again; %s on this device").replace("%s", many);
  return gettext("saved %s").replace("%s", new Date(at).toLocaleTimeString("sv-SE"));
}

export function openOutbox(owner, hear = () => {}) {
  const line = document.getElementById("saved");
  const outbox = new Outbox({
    storage: globalThis.localStorage,
    key: `duetml.rating.${owner}`,
    send,
    changed(state) {
      line.textContent = sentence(state);
      line.dataset.state = state.kind;
      hear(state);
    },
  });
  addEventListener("online", () => outbox.flush());
  addEventListener("beforeunload", () => { outbox.isLeaving = true; });
  addEventListener("pageshow", () => { outbox.isLeaving = false; });
  outbox.flush();
  return outbox;
}
