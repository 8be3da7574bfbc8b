/**
 * Looks at whole buffers as elements of another size. The last buffer's view is kept: many frames of audio come in one socket's buffer.
 * `of` makes a view of `length` elements.
 */
export function lastView<View extends { readonly length: number }>(bytesEach: number, of: (buffer: ArrayBufferLike, length: number) => View): (buffer: ArrayBufferLike) => View {
  let viewed: ArrayBufferLike = new ArrayBuffer(0);
  let view = of(viewed, 0);
  return (buffer) => {
    const length = Math.floor(buffer.byteLength / bytesEach);
    // A buffer can be made longer, or be taken away.
    if (buffer !== viewed || view.length !== length) {
      viewed = buffer;
      view = of(buffer, length);
    }
    return view;
  };
}
