/* How categories are told apart: a colour that colour-blind people can tell (Okabe and Ito 2008) and a shape,
 * never colour alone. A category keeps its mark for life, wherever it is moved. */

export const COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#7a7a7a"];

// Paths in a box of 16 by 16. No diamond: that one is taken.
export const SHAPES = [
  { name: "circle", path: "M8 1.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13Z" },
  { name: "triangle", path: "M8 1.5 15 14H1Z" },
  { name: "square", path: "M2 2h12v12H2Z" },
  { name: "star", path: "m8 .8 2.1 4.7 5.1.5-3.8 3.4 1.1 5L8 11.8l-4.5 2.6 1.1-5L.8 6l5.1-.5Z" },
  { name: "cross", path: "M5.5 1.5h5v4h4v5h-4v4h-5v-4h-4v-5h4Z" },
  { name: "down", path: "M1 2h14L8 14.5Z" },
  { name: "hexagon", path: "M4.5 1.8h7L15 8l-3.5 6.2h-7L1 8Z" },
  { name: "half", path: "M1.5 12a6.5 6.5 0 0 1 13 0Z" },
];

/** {colour, shape}: the first 64 marks all differ. */
export function markOf(mark) {
  const colour = mark % COLOURS.length;
  const shape = (mark + Math.floor(mark / COLOURS.length)) % SHAPES.length;
  return { colour: COLOURS[colour], shape: SHAPES[shape] };
}
