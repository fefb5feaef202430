/* Small pictures for a canvas, loaded a few at a time: only those that were asked for last. */

const SIDE_BY_SIDE = 6;
const KEPT = 800;

/** {get(id) -> image or null, want(ids)}; `onLoad()` when another picture can be drawn. */
export function createPictures(urlOf, onLoad) {
  const loaded = new Map(); // in the order of use: the first is forgotten first
  const loading = new Set();
  const broken = new Set();
  let wanted = [];

  function next() {
    while (loading.size < SIDE_BY_SIDE && wanted.length > 0) {
      const id = wanted.shift();
      if (!loaded.has(id) && !loading.has(id) && !broken.has(id)) load(id);
    }
  }

  function load(id) {
    const image = new Image();
    loading.add(id);
    image.onload = () => {
      loading.delete(id);
      loaded.set(id, image);
      if (loaded.size > KEPT) loaded.delete(loaded.keys().next().value);
      onLoad();
      next();
    };
    image.onerror = () => {
      loading.delete(id);
      broken.add(id);
      next();
    };
    image.decoding = "async";
    image.src = urlOf(id);
  }

  return {
    get(id) {
      const image = loaded.get(id);
      if (!image) return null;
      loaded.delete(id);
      loaded.set(id, image);
      return image;
    },
    want(ids) {
      wanted = ids.filter((id) => !loaded.has(id));
      next();
    },
  };
}
