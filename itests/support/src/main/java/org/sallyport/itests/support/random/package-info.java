/**
 * Random modules of all WebAssembly 3.0 and threads, in pieces by topic that compose ({@link
 * org.sallyport.itests.support.random.RandomModule}); a reducer of what went wrong; Node.js as another engine.
 */
@org.jspecify.annotations.NullMarked
package org.sallyport.itests.support.random;
