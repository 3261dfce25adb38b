/** The pictures of `npm run visualize`, bundled as text. */
declare module '*.svg' {
  const svg: string;
  export default svg;
}
