/* One connection to the workspace that comes back by itself. Frames are hints; what was missed is asked for. */

const PING_EVERY = 10_000;
const SILENT_FOR = 25_000;
const REFUSED_FOR_GOOD = 4404;
const SERVER_RESTARTS = 1012; // another process of it listens already
const RESTART_SPREAD = 400;

/** Milliseconds before attempt number `attempt` (0, 1, …): doubling up to 15 s, spread so that browsers do not
 * all come back at once. `chance` is in [0, 1). */
export function backoff(attempt, chance) {
  const ceiling = Math.min(15_000, 500 * 2 ** attempt);
  return Math.round(ceiling / 2 + (ceiling / 2) * chance);
}

/** Milliseconds before attempt number `attempt` after a socket was closed with `code` (undefined: it was lost). */
export function pause(code, attempt, chance) {
  return code === SERVER_RESTARTS && attempt === 0 ? Math.round(RESTART_SPREAD * chance) : backoff(attempt, chance);
}

/** Connect and stay connected. `after()` is the last seq seen (0 for none); `onFrame(frame)`; `onLine(isOpen)`;
 * `onRefused()` when this page may not watch the workspace. Returns {send(frame) -> bool}. */
export function connect({ path, after, onFrame, onLine, onRefused }) {
  let socket = null;
  let attempt = 0;
  let heardAt = 0;
  let retry = null;
  let isClosed = false;

  function open() {
    clearTimeout(retry);
    if (isClosed || socket) return;
    const seq = after();
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const mine = new WebSocket(`${scheme}//${location.host}${path}${seq ? `?after=${seq}` : ""}`);
    socket = mine;
    heardAt = Date.now();
    mine.onmessage = ({ data }) => {
      if (mine !== socket) return;
      heardAt = Date.now();
      const frame = JSON.parse(data);
      if (frame.type === "hello") attempt = 0;
      onFrame(frame);
      if (frame.type === "hello") onLine(true);
    };
    mine.onclose = ({ code }) => {
      if (mine !== socket) return;
      lost(code);
      if (code !== REFUSED_FOR_GOOD) return;
      isClosed = true;
      clearTimeout(retry);
      onRefused();
    };
  }

  function lost(code) {
    socket = null;
    onLine(false);
    retry = setTimeout(open, pause(code, attempt++, Math.random()));
  }

  function send(frame) {
    if (socket?.readyState !== WebSocket.OPEN) return false;
    socket.send(JSON.stringify(frame));
    return true;
  }

  function beat() {
    if (!socket) return;
    if (Date.now() - heardAt > SILENT_FOR) return drop();
    return send({ type: "ping", after: after() });
  }

  function drop() {
    const dead = socket;
    lost();
    dead?.close();
  }

  setInterval(beat, PING_EVERY);
  addEventListener("online", open);
  addEventListener("offline", () => socket && drop()); // the device knows sooner than silence tells
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    open();
    beat();
  });
  open();

  return { send };
}
