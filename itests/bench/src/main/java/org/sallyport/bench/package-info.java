/**
 * Benchmarks: run them with {@code itests/bench/run}; the build only compiles them. {@link
 * org.sallyport.bench.Kernels} compares whole kernels with a
 * peer, {@link org.sallyport.bench.Report} prints ratios.
 */
package org.sallyport.bench;
