/**
 * Run fn once things have been quiet for `ms` milliseconds.
 * The returned function has a cancel() that drops a pending run.
 */
export function debounce(fn, ms) {
  let timer = null;
  function later(...args) {
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = null;
      fn.apply(this, args);
    }, ms);
  }
  later.cancel = () => clearTimeout(timer);
  return later;
}
