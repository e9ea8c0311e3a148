/** Benchmarks: run them with {@code itests/bench/run}; the build only compiles them. */
package org.sallyport.bench;
