/* One file in one request. */

const SILENT_FOR = 60_000; // milliseconds without a byte sent or answered: the line is dead, though nobody said so

/** Send a form; `onShare(share)` while it goes. Resolves to {status, answer}: status 0 where there was no line, answer
 * null where it was no JSON. Never rejects. */
export function postFile({ url, token }, form, onShare) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    let silence = null;
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(() => request.abort(), SILENT_FOR);
    };
    const end = () => {
      clearTimeout(silence);
      resolve({ status: request.status, answer: request.status ? request.response : null });
    };
    request.open("POST", url);
    request.setRequestHeader("X-CSRFToken", token);
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => {
      heard();
      onShare(total ? loaded / total : 0);
    };
    request.onloadend = end;
    heard();
    request.send(form);
  });
}
